import requests
from requests_aws4auth import AWS4Auth

BAD = "${bad-iam-endpoint-unsigned--python}"
GOOD = "${good-iam-endpoint-unsigned--python}"
SIGNED = AWS4Auth("AKIA", "secret", "eu-west-1", "execute-api")


def bad():
    return requests.get(BAD + "/orders", timeout=10).json()


def good():
    return requests.get(GOOD + "/orders", auth=SIGNED, timeout=10).json()
