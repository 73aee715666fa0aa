import os from 'node:os'
import path from 'node:path'

import {type RouterHost, type RouterPlaces} from '../contracts/router-host.js'
import {type SidecarHost} from '../contracts/sidecar-host.js'
import {type Host} from '../domain/environment.js'
import {type Platform} from '../domain/platform-file.js'
import {type Yard} from './yard.js'

/** A machine that is reached over SSH; connects when it's first asked for something. */
export interface OpenedHost {
  routerHost: RouterHost
  sidecarHost: SidecarHost
  /** Its SSH host key, when it was taken although nobody knew it. */
  newHostKey(): string | undefined
  close(): Promise<void>
}

export interface OpenHostOptions {
  /** Takes the first key of a machine that isn't known yet. */
  acceptsNewKey?: boolean
}

/**
 * Nothing is done there unless its host key is known: pinned in the catalog, or in the user's `known_hosts`. `ssh:` of
 * the platform file wins over the user's `ssh_config`.
 */
export async function openRouterHost(
  yard: Pick<Yard, 'platform'>,
  host: Host,
  {acceptsNewKey = false}: OpenHostOptions = {},
): Promise<OpenedHost> {
  const [{SshRemoteShell}, {SshRouterHost, SshSidecarHost}] = await Promise.all([
    import('../adapters/shell-ssh/index.js'),
    import('../adapters/router-host-ssh/index.js'),
  ])
  const platform = await yard.platform()
  const ssh = platform?.ssh
  const shell = new SshRemoteShell({
    host: host.name,
    address: host.address,
    port: ssh?.port,
    user: ssh?.user,
    identityFile: platform && identityIn(platform),
    proxyJump: ssh?.proxyJump,
    pinnedKeys: host.sshKeys ?? [],
    acceptsNewKey,
    agentSocket: process.env['SSH_AUTH_SOCK'],
    homeDirectory: os.homedir(),
    localUser: os.userInfo().username,
    configFile: process.env['YARD_SSH_CONFIG'] || undefined,
  })
  const places = placesFor(host)
  return {
    routerHost: new SshRouterHost({
      shell,
      ...(places !== undefined && {places}),
      haproxy: process.env['YARD_HOST_HAPROXY'] || 'haproxy',
    }),
    sidecarHost: new SshSidecarHost({shell, root: rootFor(host) ?? ''}),
    newHostKey: () => shell.newHostKey,
    close: () => shell.close(),
  }
}

/** Relative to the platform file, like every path in it. */
function identityIn({file, ssh: {identityFile}}: Platform): string | undefined {
  if (identityFile === undefined || identityFile.startsWith('~/')) return identityFile
  return path.resolve(path.dirname(file), identityFile)
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
