import {mkdir} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {
  type BindFault,
  type HaproxyProcess,
  type HostCertificates,
  type HostFile,
  type RouterHost,
  type RouterPlaces,
  type RouterSocket,
  type ServerCheck,
} from '../../contracts/router-host.js'

import {askSocket} from './ask-socket.js'
import {probeBind} from './bind-probe.js'
import {type Caretaker} from './caretaker.js'
import {CertificateCopies} from './certificate-copies.js'
import {checkConfiguration} from './check-configuration.js'
import {fileFault} from './file-fault.js'
import {type FoundHaproxy} from './find-haproxy.js'
import {hardFileLimit, haproxyProcesses, masterOf} from './haproxy-processes.js'
import {passesCheck} from './health-question.js'
import {HostFiles} from './host-files.js'
import {type KeeperCare, KeptHaproxy} from './kept-haproxy.js'
import {routerPlaces} from './router-places.js'
import {type UnitCare, UnitHaproxy} from './unit-haproxy.js'

export interface LocalRouterHostSettings {
  haproxy: FoundHaproxy
  /** Holds haproxy.cfg and its maps; nobody else writes there. */
  directory: string
  /** Holds the sockets; made when it isn't there. */
  runtimeDirectory: string
  /** Who starts HAProxy, and starts it again when it ends by itself. */
  care: KeeperCare | UnitCare
}

const stopGraceMillis = 5_000
const stopPollMillis = 25

/** The machine yard runs on. */
export class LocalRouterHost implements RouterHost {
  readonly name = 'this machine'
  readonly places: RouterPlaces
  private readonly files: HostFiles
  private readonly caretaker: Caretaker
  private readonly copies: CertificateCopies

  /** @throws YardError E_USAGE when the runtime directory can't hold sockets. */
  constructor(private readonly settings: LocalRouterHostSettings) {
    const {haproxy, directory, care} = settings
    this.places = routerPlaces(directory, settings.runtimeDirectory)
    this.files = new HostFiles(directory)
    this.copies = new CertificateCopies(directory, haproxy, this.files)
    this.caretaker =
      care.kind === 'keeper'
        ? new KeptHaproxy(care, haproxy, this.places)
        : new UnitHaproxy(care, () => this.masterPid())
  }

  async haproxyVersion(): Promise<string> {
    return this.settings.haproxy.version
  }

  installed(): Promise<ReadonlyMap<string, string> | undefined> {
    return this.files.installed()
  }

  writeCandidate(files: readonly HostFile[]): Promise<void> {
    return this.files.writeCandidate(files)
  }

  checkCandidate(): Promise<string | undefined> {
    return checkConfiguration(this.settings.haproxy, this.files.candidate)
  }

  install(): Promise<void> {
    return this.files.install()
  }

  replaceFile(file: HostFile): Promise<void> {
    return this.files.replaceFile(file)
  }

  restorePrevious(): Promise<boolean> {
    return this.files.restorePrevious()
  }

  ask(socket: RouterSocket, line: string): Promise<string | undefined> {
    return socket === 'admin'
      ? askSocket(this.places.adminSocket, line, false)
      : askSocket(this.places.masterSocket, line, true)
  }

  bindFault(endpoint: {address: string; port: number}): Promise<BindFault | undefined> {
    return probeBind(endpoint)
  }

  /** Of the HAProxy that runs; before there is one, of this program, whose child it would be. */
  async descriptorLimit(): Promise<number | undefined> {
    const master = await this.masterPid()
    if (master !== undefined) return hardFileLimit(master)
    return this.settings.care.kind === 'keeper' ? hardFileLimit('self') : undefined
  }

  certificates(directory: string): Promise<HostCertificates> {
    return this.copies.of(directory)
  }

  passesCheck(check: ServerCheck): Promise<boolean> {
    return passesCheck(check)
  }

  async startHaproxy(): Promise<void> {
    try {
      await mkdir(this.settings.runtimeDirectory, {recursive: true, mode: 0o700})
    } catch (error) {
      throw fileFault(error, path.dirname(this.settings.runtimeDirectory))
    }
    await this.caretaker.start()
  }

  async haproxyProcess(): Promise<HaproxyProcess> {
    const {isRunning, restarts, lastExit} = await this.caretaker.process()
    return {isRunning, restarts, ...(lastExit !== undefined && {lastExit})}
  }

  /** Also one that outlived whoever looked after it. */
  async stopHaproxy(): Promise<void> {
    await this.caretaker.stop()
    const deadline = Date.now() + stopGraceMillis
    for (let signal: NodeJS.Signals = 'SIGTERM'; ;) {
      const left = await haproxyProcesses(this.places.masterSocket)
      if (left.length === 0) return
      for (const {pid} of left) signalQuietly(pid, signal)
      if (Date.now() > deadline) {
        if (signal === 'SIGKILL') return
        signal = 'SIGKILL'
      }
      await sleep(stopPollMillis)
    }
  }

  /** All of its processes: a worker that stands still would outlive its master. */
  async killHaproxy(): Promise<void> {
    const found = (await haproxyProcesses(this.places.masterSocket)).map(({pid}) => pid)
    const {pid} = await this.caretaker.process()
    for (const each of new Set(pid === undefined ? found : [...found, pid])) signalQuietly(each, 'SIGKILL')
  }

  async terminateWorker(pid: number): Promise<void> {
    const processes = await haproxyProcesses(this.places.masterSocket)
    if (pid === masterOf(processes) || !processes.some((process) => process.pid === pid)) return
    signalQuietly(pid, 'SIGKILL')
  }

  async signalReload(): Promise<boolean> {
    const pid = await this.masterPid()
    return pid !== undefined && signalQuietly(pid, 'SIGUSR2')
  }

  lastLines(): Promise<string[]> {
    return this.caretaker.lastLines()
  }

  private async masterPid(): Promise<number | undefined> {
    return masterOf(await haproxyProcesses(this.places.masterSocket))
  }
}

/** False when it is gone, or not this user's. */
function signalQuietly(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
