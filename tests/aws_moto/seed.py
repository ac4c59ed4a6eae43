"""Fills an account of an emulator: seed.py ENDPOINT ACCOUNT

ACCOUNT is a module in accounts/, whose function seed(aws) makes resources. What it returns, names
of its own for the ids that AWS gave, is printed as JSON for the test.
"""

import importlib
import io
import json
import pathlib
import sys
import zipfile

import boto3
from botocore.config import Config

REGION = "eu-west-1"


class Account:
    """Clients of boto3, and what several accounts need."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.clients = {}

    def __call__(self, service, region=REGION):
        key = service, region
        if key not in self.clients:
            self.clients[key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id="123456789012",
                aws_secret_access_key="seed",
                config=Config(retries={"max_attempts": 1}),
            )
        return self.clients[key]

    def role(self, name, allow="lambda.amazonaws.com"):
        """The ARN of a new role that a service may assume."""
        trust = policy({"Effect": "Allow", "Principal": {"Service": allow}, "Action": "sts:AssumeRole"})
        made = self("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        return made["Role"]["Arn"]

    def function(self, name, role, environment=None):
        """The ARN of a new function."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
        made = self("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": environment or {}},
        )
        return made["FunctionArn"]

    def method(self, api, resource, verb, authorization="NONE", uri=None, **more):
        """A method with an integration: of a backend, or made up."""
        gateway = self("apigateway")
        key = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
        gateway.put_method(**key, authorizationType=authorization, **more)
        gateway.put_method_response(**key, statusCode="200")
        if uri:
            gateway.put_integration(**key, type="HTTP_PROXY", integrationHttpMethod=verb, uri=uri)
        else:
            templates = {"application/json": '{"statusCode": 200}'}
            gateway.put_integration(**key, type="MOCK", requestTemplates=templates)
        gateway.put_integration_response(**key, statusCode="200")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def main():
    endpoint, account = sys.argv[1:]
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    module = importlib.import_module("accounts." + account)
    print(json.dumps(module.seed(Account(endpoint))))


if __name__ == "__main__":
    main()
