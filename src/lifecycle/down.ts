import {type Catalog} from '../catalog/catalog.js'
import {type Clock} from '../contracts/clock.js'
import {type Machine} from '../contracts/machine.js'
import {type ManagedProcess, type ProcessManager} from '../contracts/process-manager.js'
import {type Report} from '../contracts/report.js'
import {livingAgent, supervisorProcess} from './up.js'

export interface DownNeeds {
  catalog: Catalog
  processes: ProcessManager
  machine: Machine
  clock: Clock
  report: Report
  signal: AbortSignal
  isAlive: (pid: number) => boolean
}

export interface DownReport {
  environment: string
  /** What ran and doesn't any more: instances, `haproxy`, `supervisor`. */
  stopped: string[]
}

/** The supervisor ends everything it looks after before it ends itself. */
const supervisorGraceMillis = 45_000
const leftoverGraceMillis = 10_000
const pollMillis = 50

/** Ends everything of the local environment, also what a killed supervisor left running. The catalog keeps what is wanted. */
export async function down(needs: DownNeeds, request: {environment: string}): Promise<DownReport> {
  const running = await needs.processes.list()
  const agent = await livingAgent(needs, request.environment)
  if (running.length === 0 && agent === undefined) return {environment: request.environment, stopped: []}

  const started = needs.clock.monotonicMillis()
  needs.report({kind: 'step-started', step: 'down', title: 'Stop the local environment'})
  await stopSupervisor(needs, running, agent?.pid)
  // Also what lost its keeper: something of it may still run.
  const leftovers = await needs.processes.list()
  await Promise.all(leftovers.map(({id}) => needs.processes.stop(id, leftoverGraceMillis)))
  const millis = needs.clock.monotonicMillis() - started
  needs.report({kind: 'step-finished', step: 'down', outcome: 'done', millis})

  const stopped = running.map(({id}) => id)
  if (agent !== undefined && !stopped.includes(supervisorProcess)) stopped.push(supervisorProcess)
  return {environment: request.environment, stopped: stopped.sort()}
}

async function stopSupervisor(
  needs: DownNeeds,
  running: readonly ManagedProcess[],
  pid: number | undefined,
): Promise<void> {
  if (running.some(({id}) => id === supervisorProcess)) {
    await needs.processes.stop(supervisorProcess, supervisorGraceMillis)
    return
  }
  // In the foreground of another terminal: it ends as it does on Ctrl-C.
  if (pid === undefined || !needs.machine.terminate(pid)) return
  const deadline = needs.clock.monotonicMillis() + supervisorGraceMillis
  while (needs.isAlive(pid) && needs.clock.monotonicMillis() < deadline) {
    await needs.clock.sleep(pollMillis, needs.signal)
  }
}
