import {neutralise} from '../domain/logs/escapes.js'
import {type AcceptLossReport, type HeldLoss} from '../lifecycle/sidecar/accept-loss.js'
import {type HostFollowing} from '../lifecycle/sidecar/host-following.js'
import {type SidecarRunReport} from '../lifecycle/sidecar/run.js'
import {type SidecarStatusReport} from '../lifecycle/sidecar/status.js'
import {paint} from './colors.js'
import {ago, elapsed} from './elapsed.js'
import {type Cell, table} from './table.js'

const mostNames = 5

/** Shown once HAProxy follows. */
export function sidecarRunView(report: SidecarRunReport): string {
  const {doorUrl, environment, haproxyVersion, host, isStale, revision, services, url} = report
  const source = isStale ? 'what the catalog said last, because it is away' : 'the catalog'
  return [
    `${paint.good('●')} HAProxy ${haproxyVersion} of ${paint.strong(host)} in ${environment} follows ${source}`,
    `  ${services} ${services === 1 ? 'service' : 'services'} at ${url}, revision ${revision}; ${doorUrl}/status`,
  ].join('\n')
}

/** A line for each host, then what people should know of it. */
export function sidecarStatusView(report: SidecarStatusReport): string {
  const {bad, environment, hosts, wanted} = report
  if (hosts.length === 0 && environment === 'local')
    return `local has no sidecar: HAProxy follows the catalog by itself while ${paint.command('yard up')} runs`
  if (hosts.length === 0)
    return `${environment} has no host yet. Add one: ${paint.command(`yard hosts add web-1 --env ${environment} --address 10.0.0.11`)}`
  const now = new Date(report.at)
  const rows = hosts.map((host) => hostRow(host, wanted?.revision, now))
  const header = ['HOST', 'STATE', 'APPLIED', 'WANTED', 'SEEN', 'LAST CHANGE', 'RELOADS', 'WORKERS', 'BY']
  const isAnyHeld = hosts.some(({sidecar}) => (sidecar?.suspects.length ?? 0) > 0)
  const notes = [
    ...together(hosts.map((host) => ({host: host.host, lines: hostNotes(host, environment)}))).map(
      ({hosts: names, line: {mark, text}}) => `${mark} ${names}: ${neutralise(text)}`,
    ),
    ...bad.map(({key, why}) => `${paint.warn('!')} left out ${neutralise(key)}: ${neutralise(why)}`),
    ...(isAnyHeld ? [`Let go of it: ${paint.command(`yard sidecar accept-loss --env ${environment}`)}`] : []),
  ]
  return [table(header, rows, paint.dim), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')
}

/** What was let go of, and by whom it was held. */
export function acceptLossView({dryRun, environment, held, outcome}: AcceptLossReport): string {
  if (outcome === 'nothing-held') return `No sidecar of ${environment} holds anything back.`
  const lines = heldLines(held).map((line) => `  ${line}`)
  const title = dryRun ? 'Would let go of' : `${paint.good('✓')} The sidecars of ${environment} let go of`
  return [title, ...lines].join('\n')
}

/** What is held back, a line for each loss with the hosts that hold it. */
export function heldLines(held: readonly HeldLoss[]): string[] {
  const all = together(
    held.map(({host, losses}) => ({host, lines: losses.map((text) => ({mark: '', text}))})),
  )
  return all.map(({hosts, line}) => `${hosts}: ${neutralise(line.text)}`)
}

interface Note {
  mark: string
  text: string
}

/** What several hosts say alike is one line: after a mistake all of them say the same. */
function together(notes: readonly {host: string; lines: readonly Note[]}[]): {hosts: string; line: Note}[] {
  const found = new Map<string, {names: string[]; line: Note}>()
  for (const {host, lines} of notes)
    for (const line of lines) {
      const key = `${line.mark}\n${line.text}`
      const same = found.get(key)
      if (same === undefined) found.set(key, {names: [host], line})
      else same.names.push(host)
    }
  return [...found.values()].map(({line, names}) => ({hosts: shownNames(names), line}))
}

function shownNames(names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return `${names.slice(0, mostNames).join(', ')}${more}`
}

function hostRow(host: HostFollowing, wanted: number | undefined, now: Date): Cell[] {
  const {appliedRevision, sidecar} = host
  return [
    {text: host.host, style: paint.strong},
    stateCell(host),
    appliedRevision === undefined ? '-' : String(appliedRevision),
    wanted === undefined ? '-' : String(wanted),
    sidecar === undefined ? '-' : ago(sidecar.seenAt, now),
    changeOf(host, now),
    sidecar === undefined ? '-' : String(sidecar.reloads.done),
    sidecar === undefined ? '-' : String(sidecar.workers),
    byWhom(host),
  ]
}

function stateCell({lagMillis = 0, state}: HostFollowing): Cell {
  const since = lagMillis > 0 ? ` ${elapsed(lagMillis)}` : ''
  switch (state) {
    case 'follows':
    case 'pushed':
      return {text: state, style: paint.good}
    case 'holds':
      return {text: state, style: paint.bad}
    case 'behind':
      return {text: `behind${since}`, style: paint.warn}
    case 'lagging':
      return {text: `lags${since}`, style: paint.bad}
    case 'stale':
      return {text: 'stale', style: paint.bad}
    case 'outdated':
      return {text: 'outdated', style: paint.bad}
    case 'absent':
      return {text: 'no sidecar', style: paint.bad}
  }
}

function changeOf({pushed, sidecar}: HostFollowing, now: Date): string {
  if (pushed !== undefined) return `push, ${ago(pushed.at, now)}`
  if (sidecar?.lastChange === undefined) return '-'
  const {at, durationMillis, how} = sidecar.lastChange
  return `${how} in ${elapsed(durationMillis)}, ${ago(at, now)}`
}

function byWhom({by, pid, pushed}: HostFollowing): string {
  if (by === 'nobody') return '-'
  if (by === 'push') return `push of ${pushed?.by ?? 'somebody'}`
  return pid === undefined ? by : `${by} ${pid}`
}

function hostNotes(host: HostFollowing, environment: string): Note[] {
  const {problem, sidecar, skipped, state} = host
  const warn = (text: string): Note => ({mark: paint.warn('!'), text})
  const staleSince = sidecar?.staleSince
  const suspects = sidecar?.suspects ?? []
  return [
    ...(staleSince === undefined
      ? []
      : [warn(`can't hear the catalog since ${staleSince}; requests go on by what it said last`)]),
    ...(problem === undefined ? [] : [warn(problem)]),
    ...(state === 'outdated' || state === 'absent' ? [warn(remedy(host, environment))] : []),
    ...suspects.map((line) => warn(`held back: ${line}`)),
    ...skipped.map((line) => warn(`left out ${line}`)),
    ...(sidecar?.drift ?? []).map((line) => warn(`HAProxy differs: ${line}`)),
    ...(sidecar?.isReloadOwed === true ? [{mark: paint.dim('·'), text: 'a reload is waiting'}] : []),
  ]
}

function remedy({host, state}: HostFollowing, environment: string): string {
  return state === 'outdated'
    ? `what was pushed is not the newest: yard push --env ${environment} --hosts ${host}`
    : `nobody keeps its HAProxy right: yard sidecar run --env ${environment} --host ${host}`
}
