import {localEnvironmentName} from '../domain/environment.js'
import {neutralise} from '../domain/logs/escapes.js'
import {type InstanceChangeReport} from '../lifecycle/instances/change.js'
import {type ListedInstance} from '../lifecycle/instances/list.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

export function instancesListView(
  instances: readonly ListedInstance[],
  {environment, now}: {environment: string; now: Date},
): string {
  if (instances.length === 0) {
    return `Nothing runs in ${environment}. Deploy something: ${paint.command(`yard deploy --env ${environment}`)}`
  }
  const rows = instances.map((instance): Cell[] => [
    {text: instance.id, style: paint.strong},
    `r${instance.release}`,
    instance.host,
    instance.port === undefined ? instance.address : `${instance.address}:${instance.port}`,
    wantedCell(instance),
    seenCell(instance),
    instance.port === undefined ? '-' : String(instance.weight),
    instance.seen === undefined ? '-' : ago(instance.seen.since, now),
  ])
  const header = ['INSTANCE', 'RELEASE', 'HOST', 'ADDRESS', 'WANTED', 'SEEN', 'WEIGHT', 'SINCE']
  const takenOut = instances.filter(({takenOutBy}) => takenOutBy !== undefined)
  return [
    table(header, rows, paint.dim),
    ...takenOutLines(takenOut),
    ...unseenLines(instances, environment),
  ].join('\n')
}

export function instanceChangeView(report: InstanceChangeReport): string {
  const {after, dryRun, leavesNone, outcome} = report
  const name = paint.strong(after.id)
  if (outcome === 'unchanged') return `${name} ${stateOf(report)} already, and nothing changed`
  return [
    dryRun ? `Would change: ${name} ${stateOf(report)}` : `${paint.good('✓')} ${name} ${stateOf(report)}`,
    ...(leavesNone
      ? [`${paint.warn('!')} no instance of ${after.service} gets requests in ${after.environment} now`]
      : []),
    dryRun ? paint.dim('Nothing was changed.') : consequenceOf(report),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function stateOf({action, after}: InstanceChangeReport): string {
  switch (action) {
    case 'enable':
      return 'is enabled'
    case 'disable':
      return 'is disabled'
    case 'drain':
      return after.state === 'disabled' ? 'is disabled' : 'is draining'
    case 'weight':
      return `has the weight ${after.weight ?? 100}`
  }
}

function consequenceOf({action, after}: InstanceChangeReport): string {
  const undo = `Back: ${paint.command(`yard instances enable ${after.id} --env ${after.environment}`)}`
  switch (action) {
    case 'enable':
      return 'It gets requests as soon as it passes a health check.'
    case 'disable':
      return `It keeps running and gets no requests. ${undo}`
    case 'drain':
      return `It finishes the requests it has, gets no new ones, and keeps running. ${undo}`
    case 'weight':
      return ''
  }
}

function wantedCell({getsRequests, state}: ListedInstance): Cell {
  if (state === 'up') return {text: getsRequests ? 'up' : 'up, no requests', style: paint.good}
  return {text: state, style: state === 'down' ? paint.dim : paint.warn}
}

function seenCell({seen, state}: ListedInstance): Cell {
  if (seen === undefined) return {text: 'not seen', style: paint.warn}
  if (seen.running === 'backing-off')
    return {text: `ended with ${seen.lastExit ?? 'an unknown exit'}`, style: paint.bad}
  if (seen.running === 'stopped') return {text: 'stopped', style: state === 'down' ? paint.dim : paint.bad}
  if (state === 'draining')
    return {text: seen.drained === true ? 'drained' : 'finishing requests', style: paint.warn}
  if (seen.healthy === undefined) return 'running'
  return seen.healthy ? {text: 'healthy', style: paint.good} : {text: 'not healthy', style: paint.bad}
}

/** Without a sidecar or a supervisor nobody tells how they are; the hosts themselves know. */
function unseenLines(instances: readonly ListedInstance[], environment: string): string[] {
  if (environment === localEnvironmentName || instances.some(({seen}) => seen !== undefined)) return []
  return ['', `Nobody tells how they are. Ask the hosts: ${paint.command(`yard ps --env ${environment}`)}`]
}

function takenOutLines(instances: readonly ListedInstance[]): string[] {
  if (instances.length === 0) return []
  return [
    '',
    ...instances.map(
      ({id, state, takenOutBy}) =>
        `${paint.warn('!')} ${id} was ${state === 'draining' ? 'drained' : state} by ${neutralise(takenOutBy ?? '')}`,
    ),
  ]
}
