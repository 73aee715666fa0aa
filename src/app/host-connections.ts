import os from 'node:os'
import path from 'node:path'

import {type RemoteShellSettings, SshRemoteShell} from '../adapters/shell-ssh/index.js'
import {type ConnectOptions, type HostShell, type HostShells} from '../contracts/host-shells.js'
import {type Host} from '../domain/environment.js'
import {type Platform} from '../domain/platform-file.js'

export interface HostConnectionsWorld {
  platform(): Promise<Platform | undefined>
  /** How to log in to a machine that yard itself has made; undefined for all others. */
  practiceIdentity(host: Host): {user: string; identityFile: string} | undefined
}

/**
 * The machines that one run of yard works on: whoever asks for a shell on one gets the same connection. Nothing is done
 * there unless its host key is known: pinned in the catalog, or in the user's `known_hosts`.
 */
export class HostConnections implements HostShells {
  private readonly shells = new Map<string, Shared[]>()

  constructor(private readonly world: HostConnectionsWorld) {}

  /** Connects when it's first asked for something. `ssh:` of the platform file wins over the user's `ssh_config`. */
  async shell(host: Host, options: ConnectOptions = {}): Promise<HostShell> {
    const settings = await this.settings(host, options)
    const {pinnedKeys} = settings
    const name = JSON.stringify([
      host.environment,
      {...settings, pinnedKeys: undefined, acceptingCommand: undefined},
    ])
    const shared = this.shells.get(name) ?? []
    // A key that was learned a moment ago, and is pinned by now, is the key of the same connection.
    const known = shared.find(
      ({pinned, shell}) =>
        String(pinned) === String(pinnedKeys) || (pinned.length === 0 && pinnedKeys[0] === shell.newHostKey),
    )
    if (known !== undefined) return lent(known.shell)
    const shell = new SshRemoteShell(settings)
    this.shells.set(name, [...shared, {pinned: pinnedKeys, shell}])
    return lent(shell)
  }

  async close(): Promise<void> {
    const shells = [...this.shells.values()].flat()
    this.shells.clear()
    await Promise.all(shells.map(({shell}) => shell.close()))
  }

  private async settings(host: Host, options: ConnectOptions): Promise<RemoteShellSettings> {
    const own = this.world.practiceIdentity(host)
    // What a team says of its machines is not meant for those of this one.
    const platform = own === undefined ? await this.world.platform() : undefined
    const ssh = platform?.ssh
    return {
      host: host.name,
      address: host.address,
      port: ssh?.port,
      user: options.user ?? ssh?.user ?? host.user ?? own?.user,
      identityFile: own?.identityFile ?? (platform && identityIn(platform)),
      proxyJump: ssh?.proxyJump,
      pinnedKeys: host.sshKeys ?? [],
      acceptsNewKey: options.acceptsNewKey ?? false,
      acceptingCommand:
        options.acceptingCommand ??
        `yard host setup ${host.name} --accept-new-host-key --env ${host.environment}`,
      agentSocket: own === undefined ? process.env['SSH_AUTH_SOCK'] : undefined,
      homeDirectory: os.homedir(),
      localUser: os.userInfo().username,
      configFile: process.env['YARD_SSH_CONFIG'] || (own === undefined ? undefined : 'none'),
    }
  }
}

interface Shared {
  pinned: readonly string[]
  shell: SshRemoteShell
}

function lent(shell: SshRemoteShell): HostShell {
  return {
    host: shell.host,
    get newHostKey() {
      return shell.newHostKey
    },
    run: (command) => shell.run(command),
    stream: (command, options) => shell.stream(command, options),
    forward: (endpoint) => shell.forward(endpoint),
    askSocket: (file, line, options) => shell.askSocket(file, line, options),
    close: () => Promise.resolve(),
  }
}

/** Relative to the platform file, like every path in it. */
function identityIn({file, ssh: {identityFile}}: Platform): string | undefined {
  if (identityFile === undefined || identityFile.startsWith('~/')) return identityFile
  return path.resolve(path.dirname(file), identityFile)
}
