import {localEnvironmentName} from '../domain/environment.js'
import {neutralise} from '../domain/logs/escapes.js'
import {releaseId} from '../domain/release.js'
import {
  type IdleService,
  type ListedProcess,
  type ProcessListReport,
  type UnaskedHost,
} from '../lifecycle/processes/list.js'
import {byteText} from './byte-text.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

/** What runs on the hosts now; a host that could not be asked has one row with the reason. */
export function processesView({at, environment, idle, processes, unasked}: ProcessListReport): string {
  if (processes.length === 0 && idle.length === 0) {
    return `Nothing runs in ${environment}. Deploy something: ${paint.command(`yard deploy --env ${environment}`)}`
  }
  const idleText = idle.map((service) => idleLine(service, environment))
  if (processes.length === 0) return idleText.join('\n')
  const now = new Date(at)
  const known = processes.filter(({state}) => state !== 'unknown')
  const rows = [
    ...known.map((process) => processRow(process, now)),
    ...unasked.map((host) => unaskedRow(host, processes)),
  ]
  const header = ['INSTANCE', 'HOST', 'PORT', 'STATE', 'TRAFFIC', 'SINCE', 'RESTARTS', 'MEMORY', 'PID']
  const notes = [...downLines(environment, processes), ...noteLines(processes, unasked), ...idleText]
  return [table(header, rows, paint.dim), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')
}

function idleLine({release, scaledToNone, service}: IdleService, environment: string): string {
  const id = paint.strong(releaseId(service, release))
  const [process] = scaledToNone
  const [mark, why, start] =
    process === undefined
      ? [paint.warn('!'), 'no instance of it is there', `yard restart ${service} --env ${environment}`]
      : [paint.dim('-'), 'it is scaled to 0', `yard scale ${service} ${process}=1 --env ${environment}`]
  return `${mark} ${id} is live in ${environment} and runs nowhere: ${why}. Start it: ${paint.command(start)}`
}

function processRow(process: ListedProcess, now: Date): Cell[] {
  const {host, instance, memoryBytes, pid, port, restarts, since} = process
  return [
    {text: instance, style: paint.strong},
    host,
    port === undefined ? '-' : String(port),
    stateCell(process),
    trafficCell(process),
    since === undefined ? '-' : ago(since, now),
    restarts === undefined ? '-' : String(restarts),
    memoryBytes === undefined ? '-' : byteText(memoryBytes),
    pid === undefined ? '-' : String(pid),
  ]
}

function unaskedRow({host}: UnaskedHost, processes: readonly ListedProcess[]): Cell[] {
  const count = processes.filter((process) => process.host === host).length
  const name = count === 1 ? '1 instance' : `${count} instances`
  return [name, host, '-', {text: 'not known', style: paint.bad}, '-', '-', '-', '-', '-']
}

/** Without a port nobody can send it a request. */
function trafficCell({hasTraffic, port, state}: ListedProcess): Cell {
  if (port === undefined) return '-'
  if (hasTraffic && (state === 'gone' || state === 'stopped')) return {text: 'no', style: paint.bad}
  return hasTraffic ? {text: 'yes', style: paint.good} : {text: 'no', style: paint.dim}
}

function stateCell({lastExit, state, wanted}: ListedProcess): Cell {
  const suffix = wanted === 'up' ? '' : `, ${wanted}`
  if (state === 'running') return {text: `running${suffix}`, style: wanted === 'up' ? paint.good : paint.warn}
  if (state === 'backing-off')
    return {text: `ended with ${lastExit ?? 'an unknown exit'}${suffix}`, style: paint.bad}
  const text = state === 'gone' ? 'not there' : 'stopped'
  return {text: `${text}${suffix}`, style: wanted === 'down' ? paint.dim : paint.bad}
}

/** Of what runs on this machine, `yard up` is who starts it. */
function downLines(environment: string, processes: readonly ListedProcess[]): string[] {
  if (environment !== localEnvironmentName || processes.some(({state}) => state !== 'gone')) return []
  return [`${paint.warn('!')} ${environment} is down. Bring it up: ${paint.command('yard up --detach')}`]
}

function noteLines(processes: readonly ListedProcess[], unasked: readonly UnaskedHost[]): string[] {
  return [
    ...unasked.map(({host, next, why}) => {
      const [first = ''] = next
      return `${paint.bad('✗')} ${host} can't be asked: ${neutralise(why)}. Try: ${paint.command(neutralise(first))}`
    }),
    ...processes.flatMap(({instance, problem}) =>
      problem === undefined ? [] : [`${paint.warn('!')} ${instance}: ${neutralise(problem)}`],
    ),
  ]
}
