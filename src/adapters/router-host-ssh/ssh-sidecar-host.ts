import {type RemoteShell} from '../../contracts/remote-shell.js'
import {
  type SidecarFile,
  type SidecarHost,
  type SidecarHostFacts,
  sidecarTokenFile,
} from '../../contracts/sidecar-host.js'
import {runScript, type ScriptCall, type ScriptName} from './script-runner.js'
import {usualPlaces} from './usual-places.js'

export interface SshSidecarHostSettings {
  shell: RemoteShell
  /** In front of every path there: for tests. */
  root?: string
}

const installDeadlineMillis = 120_000

/** Puts the sidecar's file and units on a machine with systemd, as root or as somebody whom sudo lets become root. */
export class SshSidecarHost implements SidecarHost {
  private readonly shell: RemoteShell
  private readonly root: string

  constructor({shell, root = ''}: SshSidecarHostSettings) {
    this.shell = shell
    this.root = root
  }

  async facts(): Promise<SidecarHostFacts> {
    const said = await this.asRoot('sidecarFacts', {args: [this.root, sidecarTokenFile]})
    const value = (name: string) => new RegExp(`^${name} (.+)$`, 'm').exec(said)?.[1]
    const [node, haproxy] = [value('node'), value('haproxy')]
    const [, nodeVersion] = /^v(\d+\.\d+\.\d+)/.exec(value('version') ?? '') ?? []
    return {
      ...(node !== undefined && {node}),
      ...(nodeVersion !== undefined && {nodeVersion}),
      ...(haproxy !== undefined && {haproxy}),
      hasSystemd: value('systemd') === 'yes',
      isRoot: value('user') === '0',
      hasToken: value('token') === 'yes',
    }
  }

  async install(files: readonly SidecarFile[]): Promise<string[]> {
    const said = await this.asRoot('sidecarInstall', {
      args: [this.root, ...files.flatMap(({path, text}) => [path, String(Buffer.byteLength(text))])],
      input: files.map(({text}) => text).join(''),
      deadlineMillis: installDeadlineMillis,
    })
    return said.split('\n').flatMap((line) => /^changed (.+)$/.exec(line)?.[1] ?? [])
  }

  async start({restarts}: {restarts: boolean}): Promise<void> {
    await this.asRoot('sidecarStart', {
      args: [restarts ? 'restart' : 'start', `${this.root}${usualPlaces.masterSocket}`],
    })
  }

  private asRoot(name: ScriptName, call: ScriptCall): Promise<string> {
    return runScript(this.shell, name, {...call, asRoot: true})
  }
}
