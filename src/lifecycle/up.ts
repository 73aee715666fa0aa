import {type Catalog} from '../catalog/catalog.js'
import {keys} from '../catalog/keys.js'
import {type Clock} from '../contracts/clock.js'
import {type ProcessManager} from '../contracts/process-manager.js'
import {type Report} from '../contracts/report.js'
import {type Environment, localHostName} from '../domain/environment.js'
import {type Agent} from '../domain/instance.js'
import {type Secret} from '../domain/secret.js'
import {YardError} from '../errors.js'

/** The supervisor itself is looked after under this id, so that it is started again when it is killed. */
export const supervisorProcess = 'supervisor'
export const haproxyProcess = 'haproxy'

export interface UpNeeds {
  catalog: Catalog
  processes: ProcessManager
  clock: Clock
  report: Report
  signal: AbortSignal
  /** Whether the process that wrote an agent record still lives. */
  isAlive: (pid: number) => boolean
}

export interface UpRequest {
  environment: Environment
  /** The program and arguments that supervise in the foreground. */
  supervise: {file: string; args: string[]}
  directory: string
  variables: Record<string, string>
  /** Variables that must not be written to a file. */
  secrets?: Readonly<Record<string, Secret>>
}

export interface UpReport {
  environment: string
  /** False when it was up already. */
  started: boolean
  url: string
  pid: number
  since: string
  haproxyVersion: string
}

const readyMillis = 60_000
const pollMillis = 50

/**
 * Starts the supervisor in the background and returns once everything the catalog wants runs.
 * @throws YardError E_UP_FAILED with what the supervisor wrote last.
 */
export async function upDetached(needs: UpNeeds, request: UpRequest): Promise<UpReport> {
  const present = await livingAgent(needs, request.environment.name)
  if (present !== undefined) return reportOf(request.environment, present, false)
  const started = needs.clock.monotonicMillis()
  needs.report({kind: 'step-started', step: 'up', title: 'Start HAProxy and the supervisor'})
  await needs.processes.start({
    id: supervisorProcess,
    labels: {environment: request.environment.name, part: 'supervisor'},
    command: request.supervise,
    directory: request.directory,
    variables: request.variables,
    ...(request.secrets !== undefined && {secrets: async () => request.secrets ?? {}}),
  })
  const agent = await readyAgent(needs, request.environment.name)
  const millis = needs.clock.monotonicMillis() - started
  needs.report({kind: 'step-finished', step: 'up', outcome: 'done', millis})
  return reportOf(request.environment, agent, true)
}

/** The agent of this host, if it is at work right now. */
export async function livingAgent(
  needs: Pick<UpNeeds, 'catalog' | 'isAlive'>,
  environment: string,
): Promise<Agent | undefined> {
  const stored = await needs.catalog.agents.get(keys.agent(environment, localHostName))
  return stored !== undefined && needs.isAlive(stored.record.pid) ? stored.record : undefined
}

async function readyAgent(needs: UpNeeds, environment: string): Promise<Agent> {
  const deadline = needs.clock.monotonicMillis() + readyMillis
  while (needs.clock.monotonicMillis() < deadline) {
    const agent = await livingAgent(needs, environment)
    if (agent !== undefined) return agent
    const supervisor = (await needs.processes.list()).find(({id}) => id === supervisorProcess)
    if (supervisor?.state === 'backing-off') throw await startFailure(needs, supervisor.lastExit)
    await needs.clock.sleep(pollMillis, needs.signal)
  }
  throw await startFailure(needs, `it wasn't ready after ${readyMillis / 1_000} s`)
}

/** Nothing half started is left behind. */
async function startFailure(needs: UpNeeds, why: string | undefined): Promise<YardError> {
  const lines = await needs.processes.lastLines(supervisorProcess, 20)
  await needs.processes.stop(supervisorProcess, 10_000)
  return new YardError('E_UP_FAILED', {
    what: "The local environment didn't start",
    why: firstFailure(lines) ?? why ?? 'the supervisor ended',
    next: ['yard doctor', 'yard up', 'yard logs tail --all --no-follow'],
    details: {lastLines: lines},
  })
}

/** The supervisor reports as every command does: a line with what happened, then one with why. */
function firstFailure(lines: readonly string[]): string | undefined {
  const index = lines.findIndex((line) => line.startsWith('✗ '))
  if (index === -1) return undefined
  return `${lines[index]?.slice(2) ?? ''}: ${lines[index + 1]?.trim() ?? ''}`
}

function reportOf(environment: Environment, agent: Agent, started: boolean): UpReport {
  const {address, port} = environment.router
  return {
    environment: environment.name,
    started,
    url: `http://${address}:${port}`,
    pid: agent.pid,
    since: agent.startedAt,
    haproxyVersion: agent.haproxyVersion,
  }
}
