import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import path from 'node:path'

import {type InstanceHost} from '../contracts/instance-host.js'
import {type Report} from '../contracts/report.js'
import {type Traffic} from '../contracts/traffic.js'
import {type Environment, type Host} from '../domain/environment.js'
import {FleetTraffic} from '../lifecycle/deploy/traffic/fleet-traffic.js'
import {SupervisedHost} from '../lifecycle/deploy/supervised-host.js'
import {SupervisedTraffic} from '../lifecycle/deploy/traffic/supervised-traffic.js'
import {type Yard} from './yard.js'

/**
 * The machines of environments as deploys use them: this one follows the catalog by itself, others are reached over SSH.
 * What all of them lack is packed once for all that one opener opens.
 */
export function instanceHostOpener(
  yard: Yard,
): (environment: Environment, host: Host) => Promise<InstanceHost> {
  let shared: Promise<SharedByHosts> | undefined
  return async (environment, host) => {
    if (environment.kind === 'local') return supervisedHost(yard, environment, host)
    shared ??= sharedByHosts(yard)
    const {digest, open} = await shared
    const shell = await (await yard.hosts()).shell(host)
    return open(shell, digest)
  }
}

async function supervisedHost(yard: Yard, environment: Environment, host: Host): Promise<InstanceHost> {
  return new SupervisedHost(
    {
      catalog: await yard.catalog(),
      clock: yard.clock,
      artifacts: await yard.artifacts(),
      commands: await yard.commands(),
      processes: await yard.processes(),
    },
    environment.name,
    host.name,
  )
}

type Shell = Awaited<ReturnType<Awaited<ReturnType<Yard['hosts']>>['shell']>>

interface SharedByHosts {
  /** Of what works as root on a host that was set up by this yard. */
  digest: string
  open: (shell: Shell, digest: string) => InstanceHost
}

async function sharedByHosts(yard: Yard): Promise<SharedByHosts> {
  const {ReleasePackings, SshInstanceHost} = await import('../adapters/instance-host-ssh/index.js')
  const script = await readFile(path.join(yard.paths.root, 'templates', 'host', 'yard-host.sh'))
  const packings = new ReleasePackings()
  return {
    digest: createHash('sha256').update(script).digest('hex'),
    open: (shell, digest) => new SshInstanceHost({shell, packings, hostScriptDigest: digest}),
  }
}

/** What brings the catalog to the routers of an environment, and asks them. */
export async function trafficOf(yard: Yard, environment: Environment): Promise<Traffic> {
  const needs = {catalog: await yard.catalog(), clock: yard.clock}
  if (environment.kind === 'local') {
    const {openRouterHostHere} = await import('./open-router.js')
    const router = await openRouterHostHere(yard).catch(() => undefined)
    return new SupervisedTraffic(needs, environment.name, async (socket, line) => router?.ask(socket, line))
  }
  const {pushNeeds} = await import('./push-needs.js')
  const {RouterByPush} = await import('../lifecycle/push/router-by-push.js')
  const {openRouterHost} = await import('./ssh-hosts.js')
  // A push is a part of a step here, and tells of itself only what is amiss.
  const report: Report = (event) => {
    if (event.kind === 'warning') yard.report(event)
  }
  // Whoever pressed Ctrl-C has the traffic moved back: each push is told of its own end.
  const {signal} = new AbortController()
  const pushing = {...(await pushNeeds(yard, true)), report, signal}
  return new FleetTraffic(
    {
      ...needs,
      routerByPush: (hosts) => new RouterByPush(pushing, hosts),
      askRouter: async (host) => {
        const {routerHost} = await openRouterHost(yard, host)
        return (socket, line) => routerHost.ask(socket, line)
      },
    },
    environment.name,
  )
}
