import {neutralise} from '../domain/logs/escapes.js'
import {type HostSetupReport, type MachineSummary, type SetUpHost} from '../lifecycle/host-setup/needs.js'
import {paint} from './colors.js'
import {table} from './table.js'

/** What each host is, what differed there, and whether it is ready now. */
export function hostSetupView({environment, hosts, mode}: HostSetupReport): string {
  const parts = hosts.map((host, place) => {
    const like = hosts.slice(0, place).find((earlier) => isLike(earlier, host))
    return hostPart(host, environment, mode, like?.host)
  })
  const ready = hosts.filter(({outcome}) => outcome === 'ready' || outcome === 'unchanged').length
  const isDone = mode === 'apply' && ready === hosts.length
  const footer = [
    ...(hosts.length > 1 && mode === 'apply' ? [countLine(ready, hosts.length, environment)] : []),
    ...(mode === 'apply' ? [] : [paint.dim('Nothing was changed.')]),
    ...(isDone ? [paint.dim(`Next: yard deploy --env ${environment}`)] : []),
  ]
  return [...parts, footer.join('\n')].filter((part) => part !== '').join('\n\n')
}

/** @param like an earlier one where the very same was done */
function hostPart(
  host: SetUpHost,
  environment: string,
  mode: HostSetupReport['mode'],
  like: string | undefined,
): string {
  const {changes, machine, pinnedKeys = [], problem, remarks} = host
  const lines = [
    headline(host, environment, mode),
    ...(machine === undefined ? [] : [paint.dim(`  ${neutralise(machineText(machine))}`)]),
    ...remarks.map((line) => paint.warn(`  ! ${neutralise(line)}`)),
    ...pinnedKeys.map((key) => `  its SSH key is pinned in the catalog now: ${neutralise(key)}`),
    ...(problem === undefined
      ? []
      : [
          `  ${neutralise(problem.why)} (${problem.code})`,
          ...problem.next.map((line) => `    ${paint.command(neutralise(line))}`),
        ]),
  ]
  if (changes.length === 0) return lines.join('\n')
  if (like !== undefined)
    return [...lines, paint.dim(`  ${sameText(changes.length, mode)} ${like}`)].join('\n')
  return [...lines, '', changeTable(host, mode)].join('\n')
}

/** Whether they differ in nothing but their names: of many new machines it's enough to read one. */
function isLike(one: SetUpHost, other: SetUpHost): boolean {
  const changesOf = ({changes, host}: SetUpHost) =>
    changes
      .map(({command, found, subject}) => [command, found, subject].join('\n').replaceAll(host, ''))
      .join('\n')
  return one.changes.length > 1 && changesOf(one) === changesOf(other)
}

function sameText(count: number, mode: HostSetupReport['mode']): string {
  const what = {apply: 'were put right', check: 'differ', plan: 'would be put right'}[mode]
  return `the same ${count} things ${what} as on`
}

function headline({changes, host, outcome, problem}: SetUpHost, environment: string, mode: string): string {
  const name = `${paint.strong(host)} in ${environment}`
  const count = `${changes.length} ${changes.length === 1 ? 'difference' : 'differences'}`
  switch (outcome) {
    case 'ready':
      return `${paint.good('✓')} ${name} is ready for releases`
    case 'unchanged':
      return mode === 'apply'
        ? `${paint.good('✓')} ${name} was ready already: nothing changed`
        : `${paint.good('✓')} ${name} is ready: nothing differs`
    case 'differs':
      return mode === 'check' ? `${paint.bad('✗')} ${name}: ${count}` : `Would set up ${name}`
    case 'failed':
      return `${paint.bad('✗')} ${neutralise(problem?.what ?? host)}`
  }
}

function changeTable({changes}: SetUpHost, mode: HostSetupReport['mode']): string {
  if (mode === 'check') {
    return table(
      ['WHAT', 'FOUND'],
      changes.map(({found, subject}) => [subject, found]),
      paint.dim,
    )
  }
  const rows = changes.map(({command, found, subject}) => [subject, found, command])
  return table(['WHAT', 'FOUND', mode === 'apply' ? 'DONE' : 'WOULD DO'], rows, paint.dim)
}

/** `Debian GNU/Linux 12 (bookworm), x86_64, systemd 252, … 11.2 GB free …` */
function machineText(machine: MachineSummary): string {
  const {clockAheadMillis, freeBytes, haproxy, isTimeSynchronised, node, python3, system, systemd} = machine
  const versions = [
    ['systemd', systemd === undefined ? undefined : String(systemd)],
    ['HAProxy', haproxy],
    ['Node.js', node],
    ['Python', python3],
  ].flatMap(([name, version]) => (version === undefined ? [] : [`${name} ${version}`]))
  const clock = `clock ${(clockAheadMillis / 1000).toFixed(1)} s off`
  return [
    system,
    machine.architecture,
    ...versions,
    ...(freeBytes === undefined ? [] : [`${(freeBytes / 1_000_000_000).toFixed(1)} GB free`]),
    ...(Math.abs(clockAheadMillis) < 1_000 ? [] : [clock]),
    ...(isTimeSynchronised === true ? ['time kept in sync'] : []),
  ].join(', ')
}

function countLine(ready: number, all: number, environment: string): string {
  const mark = ready === all ? paint.good('✓') : paint.bad('✗')
  const count = ready === all ? `${all} hosts` : `${ready} of ${all} hosts`
  return `${mark} ${count} of ${environment} ${ready === 1 ? 'is' : 'are'} ready for releases`
}
