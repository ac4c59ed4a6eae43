"""Who may call, by the policies of roles and of APIs."""

from seed import REGION, policy

from .planting import ACCOUNT, allow, deny


def denied_by_api(garden, name, is_bad):
    """The role's policy allows what the resource policy denies to all but an office."""
    denied = deny(resource="execute-api:/prod/GET/orders" if is_bad else "execute-api:/prod/DELETE/*")
    api = garden.rest(name, allow=[allow(), denied]).method("/orders", "GET", "AWS_IAM").deploy()
    caller(garden, name, api, "prod/GET/*")


def outside_of_boundary(garden, name, is_bad):
    action = "s3:*" if is_bad else "execute-api:Invoke"
    within = policy({"Effect": "Allow", "Action": action, "Resource": "*"})
    boundary = garden.aws("iam").create_policy(PolicyName=name, PolicyDocument=within)["Policy"]["Arn"]
    api = garden.rest(name).method("/orders", "GET", "AWS_IAM").deploy()
    caller(garden, name, api, "*", boundary)


def braces(garden, name, is_bad):
    api = garden.rest(name).method("/orders/{id}", "GET", "AWS_IAM").deploy()
    caller(garden, name, api, "prod/GET/orders/" + ("{id}" if is_bad else "*"))


def wrong_stage(garden, name, is_bad):
    stage = "dev" if is_bad else "prod"
    garden.rest(name, allow=[allow(resource=f"execute-api:/{stage}/GET/*")]).method("/orders", "GET").deploy()


def caller(garden, name, api, what, boundary=None):
    """A role that may call this, and no other API."""
    garden.plant(name, garden.aws.role(name))
    iam = garden.aws("iam")
    resource = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/{what}"
    allowed = policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource})
    iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=allowed)
    if boundary:
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)


PLANTED = [
    ("invoke-not-allowed", denied_by_api),
    ("invoke-not-allowed--boundary", outside_of_boundary),
    ("policy-resource-never-matches", braces),
    ("policy-resource-never-matches--stage", wrong_stage),
]
