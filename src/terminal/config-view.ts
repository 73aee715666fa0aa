import {type ConfigSource} from '../domain/config-merge.js'
import {neutralise} from '../domain/logs/escapes.js'
import {type ConfigDiffReport, type DiffSide} from '../lifecycle/config/diff.js'
import {type ConfigGetReport} from '../lifecycle/config/get.js'
import {type ConfigLine} from '../lifecycle/config/list.js'
import {type ConfigSetReport, type SetVariable} from '../lifecycle/config/set.js'
import {type ConfigTarget} from '../lifecycle/config/target.js'
import {type ConfigUnsetReport} from '../lifecycle/config/unset.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

/** Longer values would push the columns behind them off the screen. */
const shownCharacters = 60

const kinds: Record<SetVariable['kind'], string> = {
  plain: 'plain',
  sealed: 'a secret',
  reference: 'a reference',
}

export function configSetView(report: ConfigSetReport): string {
  const lines = report.variables.map((variable) => setLine(variable, report.dryRun))
  const isChanged = report.variables.some(({outcome}) => outcome !== 'unchanged')
  return [...lines, ...nextLines(report, isChanged, 'with it')].join('\n')
}

export function configUnsetView(report: ConfigUnsetReport): string {
  const verb = report.dryRun ? 'Would unset' : `${paint.good('✓')} unset`
  return [
    ...report.names.map((name) => `${verb} ${paint.strong(name)}`),
    ...nextLines(report, true, 'without it'),
  ].join('\n')
}

/** The value alone, as it is, for scripts. On a terminal it can do no harm. */
export function configGetView({value}: ConfigGetReport): string {
  return value.split('\n').map(neutralise).join('\n')
}

export function configListView(lines: readonly ConfigLine[], target: ConfigTarget, now: Date): string {
  const place = placeOf(target)
  if (lines.length === 0) {
    const words = target.service ?? '--shared'
    return `Nothing is set for ${place}. Set it: ${paint.command(`yard config set ${words} LOG_LEVEL=debug --env ${target.environment}`)}`
  }
  const rows = lines.map((line): Cell[] => [
    {text: line.name, style: paint.strong},
    valueCell(line),
    fromText(line),
    line.setAt === undefined ? '-' : ago(line.setAt, now),
    line.setBy ?? '-',
  ])
  return table(['NAME', 'VALUE', 'FROM', 'SET', 'BY'], rows, paint.dim)
}

export function configDiffView(report: ConfigDiffReport, now: Date): string {
  const {differences, from, secrets, to} = report
  const rows = [
    ...differences.map((each): Cell[] => [
      {text: each.name, style: paint.strong},
      sideText(each.from, now),
      sideText(each.to, now),
    ]),
    ...secrets.map((each): Cell[] => [
      {text: each.name, style: paint.strong},
      secretText(each.from, now),
      secretText(each.to, now),
    ]),
  ]
  if (rows.length === 0) return `${paint.good('✓')} ${from} and ${to} have the same variables`
  const note = secrets.length === 0 ? [] : ['', paint.dim('Whether two secrets are the same is not known.')]
  return [table(['NAME', from.toUpperCase(), to.toUpperCase()], rows, paint.dim), ...note].join('\n')
}

function setLine({kind, name, outcome, was}: SetVariable, dryRun: boolean): string {
  if (outcome === 'unchanged') return `${paint.strong(name)} is that already`
  const what = kind === 'plain' ? '' : `, ${kinds[kind]}`
  const before = was === undefined ? '' : `; it was ${kinds[was]}`
  const verb = dryRun ? 'Would set' : `${paint.good('✓')} set`
  return `${verb} ${paint.strong(name)}${what}${before}`
}

interface Changed extends Partial<ConfigTarget> {
  environment: string
  dryRun: boolean
  live?: number
}

/** A running release keeps what it has: config is part of a release. */
function nextLines(report: Changed, isChanged: boolean, how: string): string[] {
  if (report.dryRun) return [paint.dim('Nothing was changed.')]
  if (!isChanged) return []
  const {environment, live, service} = report
  const whose = service ?? 'each service'
  const now = live === undefined ? '' : `; r${live} is live without the change`
  return ['', `The next deploy of ${whose} to ${environment} makes a new release ${how}${now}.`]
}

function placeOf({environment, service}: ConfigTarget): string {
  return service === undefined ? `all services of ${environment}` : `${service} in ${environment}`
}

function valueCell({kind, reference, value}: ConfigLine): Cell {
  if (kind === 'sealed') return {text: '[secret]', style: paint.dim}
  return shortened(reference ?? value ?? '')
}

function fromText({hides, source}: ConfigLine): string {
  const [hidden] = hides
  return hidden === undefined ? sourceText(source) : `${sourceText(source)}, over ${sourceText(hidden)}`
}

function sourceText(source: ConfigSource): string {
  return source === 'service' ? 'environment' : source
}

function sideText(side: DiffSide | undefined, now: Date): Cell {
  if (side === undefined) return {text: 'not set', style: paint.dim}
  return side.kind === 'sealed' ? secretText(side.setAt, now) : shortened(side.value ?? '')
}

function secretText(setAt: string | undefined, now: Date): string {
  return setAt === undefined ? 'secret' : `secret, set ${ago(setAt, now)}`
}

function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}
