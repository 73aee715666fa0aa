import {neutralise} from '../domain/logs/escapes.js'
import {type ListedProcess, type ProcessListReport, type UnaskedHost} from '../lifecycle/processes/list.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

/** What runs on the hosts now; a host that could not be asked has one row with the reason. */
export function processesView({at, environment, processes, unasked}: ProcessListReport): string {
  if (processes.length === 0) {
    return `Nothing runs in ${environment}. Deploy something: ${paint.command(`yard deploy --env ${environment}`)}`
  }
  const now = new Date(at)
  const known = processes.filter(({state}) => state !== 'unknown')
  const rows = [
    ...known.map((process) => processRow(process, now)),
    ...unasked.map((host) => unaskedRow(host, processes)),
  ]
  const header = ['INSTANCE', 'HOST', 'PORT', 'STATE', 'TRAFFIC', 'SINCE', 'RESTARTS', 'PROCESS']
  return [table(header, rows, paint.dim), ...noteLines(processes, unasked)].join('\n')
}

function processRow(process: ListedProcess, now: Date): Cell[] {
  const {hasTraffic, host, instance, pid, port, restarts, since} = process
  return [
    {text: instance, style: paint.strong},
    host,
    port === undefined ? '-' : String(port),
    stateCell(process),
    hasTraffic ? {text: 'yes', style: paint.good} : {text: 'no', style: paint.dim},
    since === undefined ? '-' : ago(since, now),
    restarts === undefined ? '-' : String(restarts),
    pid === undefined ? '-' : String(pid),
  ]
}

function unaskedRow({host}: UnaskedHost, processes: readonly ListedProcess[]): Cell[] {
  const count = processes.filter((process) => process.host === host).length
  const name = count === 1 ? '1 instance' : `${count} instances`
  return [name, host, '-', {text: 'not known', style: paint.bad}, '-', '-', '-', '-']
}

function stateCell({lastExit, state, wanted}: ListedProcess): Cell {
  const suffix = wanted === 'up' ? '' : `, ${wanted}`
  if (state === 'running') return {text: `running${suffix}`, style: wanted === 'up' ? paint.good : paint.warn}
  if (state === 'backing-off')
    return {text: `ended with ${lastExit ?? 'an unknown exit'}${suffix}`, style: paint.bad}
  const text = state === 'gone' ? 'not there' : 'stopped'
  return {text: `${text}${suffix}`, style: wanted === 'down' ? paint.dim : paint.bad}
}

function noteLines(processes: readonly ListedProcess[], unasked: readonly UnaskedHost[]): string[] {
  const lines = [
    ...unasked.map(({host, next, why}) => {
      const [first = ''] = next
      return `${paint.bad('✗')} ${host} can't be asked: ${neutralise(why)}. Try: ${paint.command(neutralise(first))}`
    }),
    ...processes.flatMap(({instance, problem}) =>
      problem === undefined ? [] : [`${paint.warn('!')} ${instance}: ${neutralise(problem)}`],
    ),
  ]
  return lines.length === 0 ? [] : ['', ...lines]
}
