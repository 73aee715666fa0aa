// T14: how many health checks one instance answers, from each of the hosts that know it.
import http from 'node:http'
import path from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'

import {judge, say, shown} from './figures.mjs'
import {adminSocketIn, startHaproxy} from './haproxy.mjs'
import {factsOf, host, routedRecords} from './platform.mjs'

const measuredSeconds = 12
const millisOf = {us: 0.001, ms: 1, s: 1_000, m: 60_000}

/** Computed from the rendered file for 500 hosts, and counted at one instance for ten. */
export async function measureChecks(plan) {
  console.log('\nHealth checks of one instance')
  const met = []
  for (const scope of ['all', 'consumers']) {
    const {facts, me} = scopedFacts(plan, {services: 10_000, scope})
    const {checkingHosts} = plan.library.routingScope(facts, me)
    const {services, config} = renderedFor(plan, facts, me)
    const seconds = intervalOf(config) / 1_000
    say(
      `500 hosts, scope ${scope}`,
      `${services} services on this host, ${checkingHosts} hosts check each every ${shown(seconds)} s`,
    )
    met.push(
      judge(`T14 checks of one instance, 500 hosts, scope ${scope}`, checkingHosts / seconds, 5, 'a second'),
    )
  }
  const counted = await countChecks(plan)
  met.push(judge('T14 checks of one instance, 10 hosts, counted', counted, 5, 'a second'))
  return met.every(Boolean)
}

/** A platform has a host for each twenty services. */
function scopedFacts({fleetPort, routerPort}, {services, scope}) {
  const facts = factsOf(routedRecords({services, fleetPort, routerPort}))
  const {environment} = facts
  const me = facts.hosts.find(({name}) => name === host)
  return {facts: {...facts, environment: {...environment, router: {...environment.router, scope}}}, me}
}

function renderedFor({library, work}, facts, me) {
  const model = library.routingModel(facts, me)
  const settings = library.renderSettings({adminSocket: adminSocketIn(path.join(work, 'checks'))})
  const {files} = library.renderHaproxy(model, settings)
  return {services: model.services.length, files, config: files[0].text}
}

function intervalOf(config) {
  const [, number, unit = 'ms'] = / check\b.* inter (\d+)(us|ms|s|m)?/.exec(config)
  return Number(number) * millisOf[unit]
}

/** What one host's HAProxy sends to an instance that is well, times the hosts that there are. */
async function countChecks(plan) {
  let checks = 0
  const server = http.createServer((_, response) => {
    checks += 1
    response.end('well')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {facts, me} = scopedFacts(plan, {services: 200, scope: 'all'})
  const [instance] = facts.instances
  const services = facts.services.filter(({name}) => name === instance.service)
  const bindings = facts.bindings.filter(({service}) => service === instance.service)
  const here = {...instance, address: '127.0.0.1', port: server.address().port}
  const {files} = renderedFor(plan, {...facts, services, bindings, instances: [here]}, me)
  const haproxy = await startHaproxy(path.join(plan.work, 'checks'), files)
  try {
    await pause(3_000)
    checks = 0
    await pause(measuredSeconds * 1_000)
    return (checks / measuredSeconds) * facts.hosts.length
  } finally {
    await haproxy.stop()
    server.closeAllConnections()
    server.close()
  }
}
