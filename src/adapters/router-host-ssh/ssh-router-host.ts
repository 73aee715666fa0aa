import {type RemoteShell} from '../../contracts/remote-shell.js'
import {
  type BindFault,
  type HaproxyProcess,
  type HostCertificates,
  type HostFile,
  type RouterHost,
  type RouterPlaces,
  type RouterSocket,
} from '../../contracts/router-host.js'
import {objectionIn} from '../../domain/haproxy/answers.js'
import {isVersionAtLeast} from '../../domain/haproxy/version.js'
import {YardError} from '../../errors.js'
import {type FoundProcesses, readCertificates, readInstalled, readProcesses} from './host-answers.js'
import {bindFaultAmong, readListeners} from './host-listeners.js'
import {runScript, scriptFault, tryScript} from './script-runner.js'
import {usualPlaces} from './usual-places.js'

export interface SshRouterHostSettings {
  shell: RemoteShell
  /** Where things are there; the usual places unless given. */
  places?: RouterPlaces
  /** The program there; found on its PATH unless given. */
  haproxy?: string
  /** The systemd unit that HAProxy runs as, where there is one; empty: never. */
  unit?: string
  /** How long a socket there may take to answer; 5 s unless given. */
  answerMillis?: number
}

const usualAnswerMillis = 5_000
const checkDeadlineMillis = 60_000
const oldest = [2, 4] as const
const readsOnly = /^(?:@1;)?show [^;]+$/

/** A machine that is reached over SSH. Needs there: sh, coreutils, grep and HAProxy; systemd only where it runs anyway. */
export class SshRouterHost implements RouterHost {
  readonly name: string
  readonly places: RouterPlaces
  private readonly shell: RemoteShell
  private readonly haproxy: string
  private readonly unit: string
  private readonly answerMillis: number

  constructor(settings: SshRouterHostSettings) {
    const {shell, haproxy = 'haproxy', places = usualPlaces, unit, answerMillis} = settings
    this.answerMillis = answerMillis ?? usualAnswerMillis
    this.shell = shell
    this.name = shell.host
    this.places = places
    this.haproxy = haproxy
    this.unit = unit ?? (places === usualPlaces ? 'yard-haproxy.service' : '')
  }

  async haproxyVersion(): Promise<string> {
    const result = await tryScript(this.shell, 'version', {args: [this.haproxy]})
    const [, version] = /^HA-?Proxy version (\d+\.\d+(?:\.\d+)?)/m.exec(result.stdout) ?? []
    if (result.outcome === 'failed' && result.exitCode !== 69) throw scriptFault(this.name, 'version', result)
    if (version === undefined) throw this.unfit('E_HAPROXY_MISSING', 'haproxy is not installed there')
    if (isVersionAtLeast(version, oldest)) return version
    throw this.unfit('E_HAPROXY_OLD', `it has HAProxy ${version} and yard needs 2.4 or newer`)
  }

  async installed(): Promise<ReadonlyMap<string, string> | undefined> {
    return readInstalled(await runScript(this.shell, 'installed', {args: [this.places.directory]}))
  }

  async writeCandidate(files: readonly HostFile[]): Promise<void> {
    const sizes = files.flatMap(({name, text}) => [name, String(Buffer.byteLength(text))])
    await runScript(this.shell, 'writeCandidate', {
      args: [this.places.directory, ...sizes],
      input: files.map(({text}) => text).join(''),
      deadlineMillis: checkDeadlineMillis,
    })
  }

  async checkCandidate(): Promise<string | undefined> {
    const result = await tryScript(this.shell, 'checkCandidate', {
      args: [this.haproxy, this.places.directory],
      deadlineMillis: checkDeadlineMillis,
    })
    if (result.outcome === 'succeeded') return undefined
    const objection = objectionIn(`${result.stderr}\n${result.stdout}`)
    if (objection === undefined) throw scriptFault(this.name, 'checkCandidate', result)
    return objection
  }

  async install(): Promise<void> {
    await runScript(this.shell, 'install', {args: [this.places.directory]})
  }

  async replaceFile({name, text}: HostFile): Promise<void> {
    await runScript(this.shell, 'replaceFile', {
      args: [this.places.directory, name, String(Buffer.byteLength(text))],
      input: text,
    })
  }

  async restorePrevious(): Promise<boolean> {
    const said = await runScript(this.shell, 'restorePrevious', {args: [this.places.directory]})
    return said.trim() === 'restored'
  }

  /** A way there that stalls looks like a HAProxy that stands still, which would be killed: who only reads asks twice. */
  async ask(socket: RouterSocket, line: string): Promise<string | undefined> {
    const began = performance.now()
    const answer = await this.askOnce(socket, line)
    const isSilent = answer === undefined && performance.now() - began >= 0.9 * this.answerMillis
    return isSilent && readsOnly.test(line) ? this.askOnce(socket, line) : answer
  }

  async bindFault(endpoint: {address: string; port: number}): Promise<BindFault | undefined> {
    return bindFaultAmong(
      readListeners(await runScript(this.shell, 'listeners', {args: [this.unit]})),
      endpoint,
    )
  }

  async descriptorLimit(): Promise<number | undefined> {
    return (await this.processes()).descriptorLimit
  }

  async certificates(directory: string): Promise<HostCertificates> {
    const said = await runScript(this.shell, 'certificates', {
      args: [this.haproxy, this.places.directory, directory],
      deadlineMillis: checkDeadlineMillis,
    })
    return readCertificates(said, directory, this.places.directory)
  }

  /** A connection per server and per host would cost more than HAProxy's own check, which follows in a second. */
  async passesCheck(): Promise<undefined> {
    return undefined
  }

  async startHaproxy(): Promise<void> {
    const {directory, masterSocket} = this.places
    const result = await tryScript(this.shell, 'start', {
      args: [this.haproxy, directory, masterSocket, this.unit],
    })
    if (result.outcome === 'succeeded') return
    // Seventy: HAProxy itself refused, and its words follow.
    if (result.exitCode !== 70) throw scriptFault(this.name, 'start', result)
    throw new YardError('E_HAPROXY_UNCONFIRMED', {
      what: `Can't start HAProxy on ${this.name}`,
      why: objectionIn(result.stderr) ?? result.stderr.trim().split('\n').at(-1) ?? 'it ended at once',
      next: [`haproxy -c -C ${directory} -f haproxy.cfg   # there`],
      details: {host: this.name, lastLines: result.stderr.split('\n').slice(-20)},
    })
  }

  async haproxyProcess(): Promise<HaproxyProcess> {
    const {isRunning, lastExit, restarts} = await this.processes()
    return {isRunning, restarts, ...(lastExit !== undefined && {lastExit})}
  }

  async stopHaproxy(): Promise<void> {
    await runScript(this.shell, 'stop', {args: [this.places.masterSocket, this.unit]})
  }

  async killHaproxy(): Promise<void> {
    await runScript(this.shell, 'kill', {args: [this.places.masterSocket]})
  }

  async terminateWorker(pid: number): Promise<void> {
    const {workers} = await this.processes()
    if (workers.includes(pid)) await this.signal('KILL', pid)
  }

  async signalReload(): Promise<boolean> {
    const {master} = await this.processes()
    return master !== undefined && (await this.signal('USR2', master))
  }

  async lastLines(): Promise<string[]> {
    const {stdout} = await tryScript(this.shell, 'lastLines', {args: [this.places.directory, this.unit]})
    return stdout.split('\n').filter((line) => line !== '')
  }

  private askOnce(socket: RouterSocket, line: string): Promise<string | undefined> {
    const path = socket === 'admin' ? this.places.adminSocket : this.places.masterSocket
    // The master's socket stays open until told that nothing more comes.
    return this.shell.askSocket(path, line, {
      halfClose: socket === 'master',
      deadlineMillis: this.answerMillis,
    })
  }

  private async processes(): Promise<FoundProcesses> {
    return readProcesses(
      await runScript(this.shell, 'process', {args: [this.places.masterSocket, this.unit]}),
    )
  }

  /** False when it is gone, or not this user's. */
  private async signal(name: 'KILL' | 'USR2', pid: number): Promise<boolean> {
    return (await tryScript(this.shell, 'signal', {args: [name, String(pid)]})).outcome === 'succeeded'
  }

  private unfit(code: 'E_HAPROXY_MISSING' | 'E_HAPROXY_OLD', why: string): YardError {
    return new YardError(code, {
      what: `Can't route requests on ${this.name}`,
      why,
      next: ['sudo apt-get install haproxy   # there', 'sudo dnf install haproxy   # there'],
      details: {host: this.name},
    })
  }
}
