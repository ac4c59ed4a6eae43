#!/bin/sh
BAD=${bad-iam-endpoint-unsigned--shell}
GOOD=${good-iam-endpoint-unsigned--shell}

curl -sf "$BAD/orders"
curl -sf --aws-sigv4 aws:amz:eu-west-1:execute-api --user "$KEY_ID:$SECRET" "$GOOD/orders"
