import { AwsClient } from 'aws4fetch'

const aws = new AwsClient({ accessKeyId: process.env.KEY_ID, secretAccessKey: process.env.SECRET })
const key = { 'x-api-key': process.env.API_KEY }

export const bad = {
  unsigned: () => fetch('${bad-iam-endpoint-unsigned}/orders'),
  function: () => fetch('${bad-iam-endpoint-unsigned--url}/report'),
  keyless: () => fetch('${bad-api-key-not-sent}/orders'),
  ownHost: () => fetch('${bad-default-endpoint-disabled}/orders'),
  stageInPath: () => fetch('${bad-route-not-deployed}/prod/orders')
}

export const good = {
  signed: () => aws.fetch('${good-iam-endpoint-unsigned}/orders'),
  function: () => aws.fetch('${good-iam-endpoint-unsigned--url}/report'),
  key: () => fetch('${good-api-key-not-sent}/orders', { headers: key }),
  domain: () => fetch('${good-default-endpoint-disabled}/orders'),
  stage: () => fetch('${good-route-not-deployed}/orders')
}
