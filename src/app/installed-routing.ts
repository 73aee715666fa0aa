import path from 'node:path'

import {type Environment, type Host} from '../domain/environment.js'
import {configFile} from '../domain/haproxy/rendered.js'
import {type InstalledRouting} from '../lifecycle/render/haproxy.js'
import {findRouterProgram} from './open-router.js'
import {type Yard} from './yard.js'

/** Larger files are refused unread; those of a hundred thousand services are smaller. */
const maxFileBytes = 256 * 1024 * 1024

/**
 * What the HAProxy of a host has right now: on this machine for `local`, else asked over SSH.
 * @throws YardError E_HAPROXY_MISSING, E_HOST_UNREACHABLE, E_HOST_AUTH, E_HOST_KEY
 */
export async function installedRouting(
  yard: Yard,
  environment: Environment,
  host: Host | undefined,
): Promise<InstalledRouting> {
  if (host === undefined || environment.kind === 'local') return installedHere(yard)
  const {openRouterHost} = await import('./ssh-hosts.js')
  const opened = await openRouterHost(yard, host)
  const {routerHost} = opened
  try {
    return {
      haproxyVersion: await routerHost.haproxyVersion(),
      adminSocket: routerHost.places.adminSocket,
      files: await routerHost.installed(),
      descriptorLimit: await routerHost.descriptorLimit(),
    }
  } finally {
    await opened.close()
  }
}

/** Where HAProxy of this machine listens for changes at run time. */
export function adminSocketHere({paths}: Yard): string {
  return path.join(paths.sockets, 'haproxy.sock')
}

async function installedHere(yard: Yard): Promise<InstalledRouting> {
  const {version} = await findRouterProgram(yard)
  const files = await yard.files()
  const directory = yard.paths.haproxy
  const names = (await files.list(directory)) ?? []
  const texts = new Map<string, string>()
  for (const name of names.filter((each) => /^[a-z][a-z0-9-]*\.(?:cfg|map|list|state)$/.test(each))) {
    const text = await files.readText(path.join(directory, name), maxFileBytes)
    if (text !== undefined) texts.set(name, text)
  }
  return {
    haproxyVersion: version,
    adminSocket: adminSocketHere(yard),
    files: texts.has(configFile) ? texts : undefined,
  }
}
