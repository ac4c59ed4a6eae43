// Says what @cloud-copilot/iam-simulate makes of requests. One line of JSON in, one line out; started
// by tests/iam_truth/main.rs.
'use strict'

const readline = require('readline')
const path = require('path')

// The package lies beside tests/, where `npm ci --prefix tests` puts it.
const paths = [path.join(__dirname, '..')]
const { anonymousPrincipal, runSimulation } = require(require.resolve('@cloud-copilot/iam-simulate', { paths }))

const named = (policies, name) => policies.map((policy, at) => ({ name: `${name}${at}`, policy }))

async function answer (asked) {
  const simulation = {
    request: {
      principal: asked.caller ?? anonymousPrincipal,
      action: asked.action,
      resource: { resource: asked.resource, accountId: asked.owner },
      contextVariables: asked.context
    },
    identityPolicies: named(asked.identity, 'identity'),
    serviceControlPolicies: asked.control.map((level, at) => (
      { orgIdentifier: `ou-${at}`, policies: named(level, `control${at}-`) })),
    resourceControlPolicies: []
  }
  if (asked.boundary) simulation.permissionBoundaryPolicies = named([asked.boundary], 'boundary')
  if (asked.session) simulation.sessionPolicy = asked.session
  if (asked.policy) simulation.resourcePolicy = asked.policy
  if (asked.endpoint) simulation.vpcEndpointPolicies = named([asked.endpoint], 'endpoint')
  const said = await runSimulation(simulation, { simulationMode: 'Strict' })
  if (said.resultType === 'error') return { error: said.errors }
  const ignored = said.result?.ignoredContextKeys ?? []
  return ignored.length ? { error: { ignored } } : { verdict: said.overallResult }
}

async function main () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const said = await answer(JSON.parse(line)).catch(error => ({ error: String(error.stack) }))
    process.stdout.write(JSON.stringify(said) + '\n')
  }
}
main()
