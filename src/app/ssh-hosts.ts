import path from 'node:path'

import {type ConnectOptions} from '../contracts/host-shells.js'
import {type RouterHost, type RouterPlaces} from '../contracts/router-host.js'
import {type SidecarHost} from '../contracts/sidecar-host.js'
import {type Host} from '../domain/environment.js'
import {type Yard} from './yard.js'

/** A machine that is reached over SSH; connects when it's first asked for something. */
export interface OpenedHost {
  routerHost: RouterHost
  sidecarHost: SidecarHost
  /** Its SSH host key, when it was taken although nobody knew it. */
  newHostKey(): string | undefined
  close(): Promise<void>
}

/** The shell there is shared with all that this run of yard does on the machine; closing what is returned leaves it open. */
export async function openRouterHost(
  yard: Pick<Yard, 'hosts'>,
  host: Host,
  options: ConnectOptions = {},
): Promise<OpenedHost> {
  const [hosts, {SshRouterHost, SshSidecarHost}] = await Promise.all([
    yard.hosts(),
    import('../adapters/router-host-ssh/index.js'),
  ])
  const shell = await hosts.shell(host, options)
  const places = placesFor(host)
  return {
    routerHost: new SshRouterHost({
      shell,
      ...(places !== undefined && {places}),
      haproxy: process.env['YARD_HOST_HAPROXY'] || 'haproxy',
    }),
    sidecarHost: new SshSidecarHost({shell, root: rootFor(host) ?? ''}),
    newHostKey: () => shell.newHostKey,
    close: () => Promise.resolve(),
  }
}

function placesFor(host: Host): RouterPlaces | undefined {
  const root = rootFor(host)
  if (root === undefined) return undefined
  return {
    directory: path.join(root, 'haproxy'),
    adminSocket: path.join(root, 'run', 'haproxy.sock'),
    masterSocket: path.join(root, 'run', 'haproxy-master.sock'),
  }
}

/** Tests have several hosts on one machine, each with a directory of its own. */
function rootFor({name}: Host): string | undefined {
  const root = process.env['YARD_HOST_ROOT']
  return root === undefined || root === '' ? undefined : path.join(root, name)
}
