"""Compares the keys that src/aws/shapes/ writes with those that the AWS CLI prints.

The CLI is made from the same models of the services as botocore. Prints what differs.
"""

import pathlib
import re

import botocore.session

SERVICES = {
    "apigateway": "apigateway",
    "apigatewayv2": "apigatewayv2",
    "cloudfront": "cloudfront",
    "ec2": "ec2",
    "elb": "elbv2",
    "iam": "iam",
    "lambda": "lambda",
    "waf": "wafv2",
    "waf_statement": "wafv2",
}

shapes = pathlib.Path(__file__).parents[2] / "src/aws/shapes"
loader = botocore.session.get_session().get_component("data_loader")
seen = 0
for file, service in SERVICES.items():
    models = loader.load_service_model(service, "service-2")["shapes"]
    by_name = {}
    for name, shape in models.items():
        if shape["type"] == "structure":
            by_name.setdefault(name.lower(), []).append((name, set(shape["members"])))
    text = re.sub(r"//.*", "", (shapes / f"{file}.rs").read_text())
    for block in re.findall(r"shape! \{(.*?)\n\}", text, re.S):
        for name, body in re.findall(r"(\w+) \{(.*?)\}", block, re.S):
            keys = set(re.findall(r'"(\w+)"', body))
            seen += len(keys)
            candidates = by_name.get(name.lower(), [])
            if not any(keys <= members for _, members in candidates):
                known = set().union(*[members for _, members in candidates], set())
                print(f"{service} {name}: {sorted(keys - known) or candidates}")
print(f"{seen} keys")
