"""Starts ministack, and speaks with the test through lines of JSON.

A line holds an account to make (a load balancer, a distribution, URLs of functions) and requests to
send. The answer to it holds the account as AWS's commands would print it, in the form of a snapshot,
and what came back.
"""

import http.client
import io
import json
import sys
import threading
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

import starter

ACCOUNT = "000000000000"
REGION = "us-east-1"
HANDLER = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'reached'}\n"


class Echo(BaseHTTPRequestHandler):
    """What stands behind: it tells what it got."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"target": self.path, "headers": headers}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Reached", "yes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *_):
        pass


class Account:
    def __init__(self, port, echo):
        self.port, self.echo = port, echo
        self.resources, self.operations, self.names, self.keys = {}, [], {}, {}
        reset = urllib.request.Request(f"http://127.0.0.1:{port}/_ministack/reset", method="POST")
        urllib.request.urlopen(reset, timeout=60).read()

    def client(self, service):
        return boto3.client(
            service, region_name=REGION, endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="test", aws_secret_access_key="test", config=Config(retries={"max_attempts": 1}),
        )

    def add(self, service, kind, id, document, region=REGION):
        document.pop("ResponseMetadata", None)
        self.resources[f"aws://{ACCOUNT}/{region}/{service}/{kind}/{id}"] = document

    def fetched(self, service, operation, region=REGION):
        one = {"account": ACCOUNT, "region": region, "service": service, "operation": operation, "state": "fetched"}
        self.operations.append(one)

    def make(self, plan):
        if plan.get("balancer"):
            self.balancer(plan["balancer"])
        if plan.get("distribution"):
            self.distribution(plan["distribution"])
        if plan.get("functions"):
            self.functions(plan["functions"])
        self.fetched("wafv2", "GetWebACL")

    def balancer(self, plan):
        elb = self.client("elbv2")
        made = elb.create_load_balancer(Name="web", Subnets=["subnet-1", "subnet-2"])["LoadBalancers"][0]
        arn = made["LoadBalancerArn"]
        group = elb.create_target_group(Name="behind", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip")
        group = group["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": self.echo}])
        named = lambda actions: json.loads(json.dumps(actions).replace("<group>", group))
        listener = elb.create_listener(
            LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=named(plan["default"]),
        )["Listeners"][0]["ListenerArn"]
        for rule in plan["rules"]:
            elb.create_rule(
                ListenerArn=listener, Priority=rule["priority"], Conditions=rule["conditions"],
                Actions=named(rule["actions"]),
            )
        self.names["balancer"] = made["DNSName"]
        self.add("elbv2", "load-balancer", arn, elb.describe_load_balancers()["LoadBalancers"][0])
        self.add("elbv2", "listeners", arn, elb.describe_listeners(LoadBalancerArn=arn))
        self.add("elbv2", "rules", listener, elb.describe_rules(ListenerArn=listener))

    def distribution(self, plan):
        front = self.client("cloudfront")
        origin = {
            "Id": "behind", "DomainName": "127.0.0.1", "OriginPath": plan["path"], "CustomHeaders": {"Quantity": 0},
            "CustomOriginConfig": {
                "HTTPPort": self.echo, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only",
            },
        }
        config = {
            "CallerReference": "one", "Comment": "", "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": self.behavior(front, plan["default"], 0),
        }
        others = [
            {"PathPattern": one["pattern"], **self.behavior(front, one, at + 1)}
            for at, one in enumerate(plan["behaviors"])
        ]
        if others:
            config["CacheBehaviors"] = {"Quantity": len(others), "Items": others}
        made = front.create_distribution(DistributionConfig=config)["Distribution"]
        self.names["distribution"] = made["DomainName"]
        told = front.get_distribution_config(Id=made["Id"])["DistributionConfig"]
        told = {"Id": made["Id"], "DomainName": made["DomainName"], "DistributionConfig": told}
        self.add("cloudfront", "distribution", made["Id"], told, "global")
        self.fetched("cloudfront", "GetDistributionConfig", "global")

    def behavior(self, front, plan, at):
        methods = plan["methods"]
        given = {
            "TargetOriginId": "behind", "ViewerProtocolPolicy": plan["viewer"],
            "AllowedMethods": {
                "Quantity": len(methods), "Items": methods,
                "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
            },
        }
        if plan.get("legacy"):
            return {**given, "ForwardedValues": plan["legacy"], "MinTTL": 0}
        cache = front.create_cache_policy(CachePolicyConfig={
            "Name": f"cache-{at}", "MinTTL": 0, "ParametersInCacheKeyAndForwardedToOrigin": plan["cache"],
        })["CachePolicy"]
        given["CachePolicyId"] = cache["Id"]
        told = front.get_cache_policy(Id=cache["Id"])
        told.pop("ETag", None)
        self.add("cloudfront", "cache-policy", cache["Id"], told, "global")
        if plan.get("managed"):
            given["OriginRequestPolicyId"] = plan["managed"]
        elif plan.get("request"):
            request = front.create_origin_request_policy(OriginRequestPolicyConfig={
                "Name": f"request-{at}", **plan["request"],
            })["OriginRequestPolicy"]
            given["OriginRequestPolicyId"] = request["Id"]
            told = front.get_origin_request_policy(Id=request["Id"])
            told.pop("ETag", None)
            self.add("cloudfront", "origin-request-policy", request["Id"], told, "global")
        return given

    def functions(self, plan):
        iam, code = self.client("iam"), io.BytesIO()
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(trust))
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("main.py", HANDLER)
        functions = self.client("lambda")
        for name, one in plan["urls"].items():
            arn = functions.create_function(
                FunctionName=name, Runtime="python3.11", Handler="main.handler",
                Role=f"arn:aws:iam::{ACCOUNT}:role/function", Code={"ZipFile": code.getvalue()},
            )["FunctionArn"]
            given = {"Cors": one["cors"]} if one.get("cors") else {}
            url = functions.create_function_url_config(FunctionName=name, AuthType=one["auth"], **given)
            for at, permission in enumerate(one["permissions"]):
                functions.add_permission(FunctionName=name, StatementId=f"s{at}", **permission)
            self.names[name] = url["FunctionUrl"].split("://")[1].strip("/")
            told = functions.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"][0]
            self.add("lambda", "function-url", arn, told)
            policy = functions.get_policy(FunctionName=name)["Policy"] if one["permissions"] else None
            self.add("lambda", "policy", arn, {"Policy": policy})
        for name, policy in plan["users"].items():
            iam.create_user(UserName=name)
            if policy:
                iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
            key = iam.create_access_key(UserName=name)["AccessKey"]
            self.keys[name] = (key["AccessKeyId"], key["SecretAccessKey"])
        details = iam.get_account_authorization_details(Filter=["User"])
        for user in details["UserDetailList"]:
            self.add("iam", "user", user["Arn"], user, "global")

    def snapshot(self):
        told = {
            "why403-snapshot": 1,
            "time": "2026-11-28T00:00:00Z",
            "accounts": [{"account": ACCOUNT, "partition": "aws", "regions": [REGION]}],
            "operations": self.operations,
            "resources": self.resources,
        }
        return json.loads(json.dumps(told, default=str))

    def send(self, request):
        target, to = request["target"], request["to"]
        # By this path a load balancer is called whatever the Host header says.
        target = "/_alb/web" + target if to == "balancer" else target
        host = request.get("host") or self.names[to]
        headers = {name: value for name, value in request["headers"]}
        if request.get("signer"):
            aws = AWSRequest(request["method"], f"http://{host}{target}", headers={"Host": host})
            SigV4Auth(Credentials(*self.keys[request["signer"]]), "lambda", REGION).add_auth(aws)
            signed = ("Authorization", "X-Amz-Date")
            headers.update({name: aws.headers[name] for name in signed})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(request["method"], target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
        finally:
            connection.close()
        reached = response.getheader("X-Reached") == "yes"
        answer = {"status": response.status, "reached": reached, "body": body[:300]}
        answer["headers"] = {name.lower(): value for name, value in response.getheaders()}
        if reached and request["method"] != "HEAD":
            answer["echo"] = json.loads(body)
        return answer


def main():
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    with starter.running() as port:
        for line in sys.stdin:
            plan = json.loads(line)
            account = Account(port, echo.server_port)
            account.make(plan)
            answers = [account.send(request) for request in plan["requests"]]
            said = {"snapshot": account.snapshot(), "names": account.names, "answers": answers}
            print(json.dumps(said), flush=True)


main()
