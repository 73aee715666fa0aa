import {type HaproxyProcess, type RouterPlaces} from '../../contracts/router-host.js'
import {type ManagedProcess, type ProcessManager} from '../../contracts/process-manager.js'
import {configFile} from '../../domain/haproxy/rendered.js'

import {type Caretaker} from './caretaker.js'
import {type FoundHaproxy} from './find-haproxy.js'

export interface KeeperCare {
  kind: 'keeper'
  processes: Pick<ProcessManager, 'start' | 'stop' | 'list' | 'lastLines'>
  /** What its log lines are filed under besides `part: haproxy`. */
  labels?: Record<string, string>
}

const processId = 'haproxy'
const stopGraceMillis = 5_000

/** HAProxy as a process that a keeper of yard's own looks after. */
export class KeptHaproxy implements Caretaker {
  constructor(
    private readonly care: KeeperCare,
    private readonly haproxy: FoundHaproxy,
    private readonly places: RouterPlaces,
  ) {}

  async start(): Promise<void> {
    const {directory, masterSocket} = this.places
    await this.care.processes.start({
      id: processId,
      labels: {...this.care.labels, part: processId},
      command: {
        file: this.haproxy.file,
        args: ['-W', '-S', `${masterSocket},mode,600`, '-C', directory, '-f', configFile],
      },
      directory,
      variables: this.haproxy.variables,
    })
  }

  async process(): Promise<HaproxyProcess & {pid?: number}> {
    const kept = await this.kept()
    return {
      isRunning: kept?.state === 'running',
      restarts: kept?.restarts ?? 0,
      ...(kept?.pid !== undefined && kept.state === 'running' && {pid: kept.pid}),
      ...(kept?.lastExit !== undefined && {lastExit: kept.lastExit}),
    }
  }

  async stop(): Promise<void> {
    await this.care.processes.stop(processId, stopGraceMillis)
  }

  lastLines(): Promise<string[]> {
    return this.care.processes.lastLines(processId, 20).catch(() => [])
  }

  private async kept(): Promise<ManagedProcess | undefined> {
    return (await this.care.processes.list()).find(({id}) => id === processId)
  }
}
