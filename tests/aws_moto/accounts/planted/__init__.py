"""An account with one defect of each kind that rules find, and a good twin of each.

Each is named after its rule: `bad-apigw-options-missing` and `good-apigw-options-missing`; a rule
with several has `bad-apigw-options-authorized--iam`, and so on. What cannot be made in an emulator
is told in the answer, and the test knows of each why.
"""

from botocore.exceptions import BotoCoreError, ClientError

from . import address, call, edge, identity, preflight
from .planting import Garden


def seed(aws):
    garden = Garden(aws)
    failed = {}
    for part in [preflight, address, call, identity, edge]:
        for rule, make in part.PLANTED:
            for kind in ["bad", "good"]:
                name = f"{kind}-{rule}"
                try:
                    make(garden, name, kind == "bad")
                except (BotoCoreError, ClientError) as error:
                    failed[name] = str(error)
    return {"ids": garden.ids, "urls": garden.urls, "failed": failed}
