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
    written = []
    # Macros that write shapes which are alike: their own keys, and those that a use adds.
    for macro, body in re.findall(r"macro_rules! (\w+) \{(.*?)\n\}", text, re.S):
        text = text.replace(f"macro_rules! {macro} {{{body}\n}}", "")
        for name, own in re.findall(rf"{macro}!\((\w+) \{{(.*?)\}}\)", text, re.S):
            written.append((name, body + own))
        for own, names in re.findall(rf"{macro}! \{{\s*(\{{.*?\}}):(.*?)\}}", text, re.S):
            written += [(name, own) for name in re.findall(r"\w+", names)]
    for block in re.findall(r"shape! \{(.*?)\n\}", text, re.S):
        written += re.findall(r"(\w+) \{(.*?)\}", block, re.S)
    for name, body in written:
        keys = set(re.findall(r'"(\w+)"', body))
        seen += len(keys)
        candidates = by_name.get(name.lower(), [])
        if not any(keys <= members for _, members in candidates):
            known = set().union(*[members for _, members in candidates], set())
            print(f"{service} {name}: {sorted(keys - known) or candidates}")
print(f"{seen} keys")
