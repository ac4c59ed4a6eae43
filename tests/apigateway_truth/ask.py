"""Sends requests to the APIs."""

import http.client

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def send(requests, made, port, served):
    return [answer(request, made, port, served) for request in requests]


def answer(request, made, port, served):
    label = request["api"]
    host = request.get("host") or f"{made.ids[label]}.execute-api.localhost:{port}"
    headers = {name: value for name, value in request["headers"]}
    if request.get("claims") is not None:
        headers["Authorization"] = "Bearer " + served.token(request["claims"])
    if request.get("signer"):
        headers.update(signed(request, host, headers, made))
    if request.get("upgrade"):
        headers.update({
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        })
    # The emulator takes the address of the connection for the caller's; all of 127.0.0.0/8 is ours.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(request["from"], 0))
    try:
        connection.putrequest(request["method"], request["target"], skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        is_open = response.status == 101
        body = "" if is_open else response.read().decode(errors="replace")
        return {
            "status": response.status,
            "headers": {name.lower(): value for name, value in response.getheaders()},
            "body": body[:400],
        }
    finally:
        connection.close()


def signed(request, host, headers, made):
    key = made.credentials[request["signer"]]
    aws = AWSRequest(request["method"], f"http://{host}{request['target']}", headers={"Host": host})
    SigV4Auth(Credentials(*key), "execute-api", "us-east-1").add_auth(aws)
    return {name: aws.headers[name] for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token") if name in aws.headers}
