import {type Clock} from '../../contracts/clock.js'
import {type ManagedProcess, type ProcessManager} from '../../contracts/process-manager.js'
import {type RenderedRouting} from '../../domain/haproxy/rendered.js'
import {type RoutingModel} from '../../domain/routing.js'
import {YardError} from '../../errors.js'

import {configFile} from './config-files.js'
import {type FoundHaproxy} from './find-haproxy.js'
import {portTaken} from './listen-probe.js'
import {type HaproxySockets, type RunningHaproxy} from './running-haproxy.js'

export interface HaproxyProcessSettings {
  haproxy: FoundHaproxy
  /** Holds haproxy.cfg and services.map; nobody else writes there. */
  directory: string
  processes: Pick<ProcessManager, 'start' | 'stop' | 'list' | 'lastLines'>
  /** What its log lines are filed under besides `part: haproxy`. */
  labels?: Record<string, string>
  clock: Clock
}

const processId = 'haproxy'
const pollMillis = 25
const startPatienceMillis = 15_000
const adoptPatienceMillis = 3_000
const stopGraceMillis = 5_000

/** HAProxy as a process that a keeper looks after. */
export class HaproxyProcess {
  constructor(
    private readonly settings: HaproxyProcessSettings,
    private readonly sockets: HaproxySockets,
    private readonly running: RunningHaproxy,
  ) {}

  /** Whether a HAProxy of an earlier run is looked after and answers. */
  async isAdoptable(): Promise<boolean> {
    const started = this.settings.clock.monotonicMillis()
    while ((await this.kept())?.state === 'running') {
      if ((await this.running.state()) !== undefined) return true
      if (this.settings.clock.monotonicMillis() - started > adoptPatienceMillis) return false
      await this.settings.clock.sleep(pollMillis)
    }
    return false
  }

  /** Ends what is looked after, and one that outlived its keeper. */
  async end(): Promise<void> {
    await this.settings.processes.stop(processId, stopGraceMillis)
    const pid = await this.running.masterPid()
    if (pid === undefined) return
    endQuietly(pid)
    const started = this.settings.clock.monotonicMillis()
    while ((await this.running.masterPid()) !== undefined) {
      if (this.settings.clock.monotonicMillis() - started > stopGraceMillis) return
      await this.settings.clock.sleep(pollMillis)
    }
  }

  /**
   * Starts HAProxy from the installed files and waits until it answers with their generation.
   * @throws YardError E_PORT_TAKEN, E_HAPROXY_UNCONFIRMED; then nothing is left running
   */
  async launch({model, rendered}: {model: RoutingModel; rendered: RenderedRouting}): Promise<void> {
    const {haproxy, directory, processes, clock} = this.settings
    await processes.start({
      id: processId,
      labels: {...this.settings.labels, part: processId},
      command: {
        file: haproxy.file,
        args: ['-W', '-S', `${this.sockets.master},mode,600`, '-C', directory, '-f', configFile],
      },
      directory,
      variables: haproxy.variables,
    })
    const started = clock.monotonicMillis()
    for (;;) {
      const state = await this.running.state()
      if (state?.generation === rendered.generation) return this.running.settle(state)
      const kept = await this.kept()
      const isFailing = kept === undefined || kept.state !== 'running' || kept.restarts > 0
      if (isFailing || clock.monotonicMillis() - started > startPatienceMillis) {
        throw await this.startFault(model, kept)
      }
      await clock.sleep(pollMillis)
    }
  }

  async unconfirmed(what: string, why: string): Promise<YardError> {
    const lastLines = await this.lastLines()
    return new YardError('E_HAPROXY_UNCONFIRMED', {
      what,
      why,
      next: ['yard doctor', 'yard down && yard up'],
      details: {lastLines},
    })
  }

  private async startFault({listen}: RoutingModel, kept: ManagedProcess | undefined): Promise<YardError> {
    const lastLines = await this.lastLines()
    await this.settings.processes.stop(processId, stopGraceMillis)
    if (lastLines.some((line) => line.includes('cannot bind socket'))) return portTaken(listen)
    const alert = lastLines.findLast((line) => line.includes('[ALERT]'))
    return new YardError('E_HAPROXY_UNCONFIRMED', {
      what: "Can't start HAProxy",
      why: alert ?? kept?.lastExit ?? 'it did not answer on its socket in time',
      next: ['yard doctor'],
      details: {lastLines},
    })
  }

  private async kept(): Promise<ManagedProcess | undefined> {
    return (await this.settings.processes.list()).find(({id}) => id === processId)
  }

  private async lastLines(): Promise<string[]> {
    return this.settings.processes.lastLines(processId, 20).catch(() => [])
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It ended by itself.
  }
}
