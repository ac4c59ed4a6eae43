"""The function of all Lambda authorizers: it does what its credential says."""


def handler(event, context):
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    token = event.get("authorizationToken") or headers.get("authorization") or ""
    word = token.split(" ")[-1]
    here = event.get("methodArn") or event.get("routeArn")
    if word == "unauthorized":
        raise Exception("Unauthorized")
    if word == "broken":
        return {"principalId": "ann"}
    effect, resource = {
        "allow": ("Allow", here.split("/")[0] + "/*"),
        "method": ("Allow", here),
        "deny": ("Deny", here),
    }.get(word, ("Allow", here.split("/")[0] + "/nowhere/*"))
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {"principalId": "ann", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
