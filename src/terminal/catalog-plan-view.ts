import {neutralise} from '../domain/logs/escapes.js'
import {type CatalogPlanReport} from '../lifecycle/platform/apply.js'
import {type CatalogChange} from '../lifecycle/platform/plan.js'
import {paint} from './colors.js'
import {fieldChangeLines} from './field-change-lines.js'

/** What the catalog lacks, has otherwise or has too much. */
export function catalogPlanView({changes, dryRun, file, outcome}: CatalogPlanReport): string {
  if (outcome === 'nothing-to-do') return `The catalog has what ${neutralise(file)} declares: nothing to do.`
  const count = (kind: CatalogChange['kind']) => changes.filter((change) => change.kind === kind).length
  const summary = `${count('add')} to add, ${count('change')} to change, ${count('remove')} to remove`
  return [
    `To have what ${neutralise(file)} declares, the catalog needs:`,
    '',
    ...changes.flatMap(changeLines),
    '',
    dryRun ? `${summary}. Next: ${paint.command('yard catalog apply')}` : `${summary}.`,
  ].join('\n')
}

/** Shown after the plan. */
export function catalogAppliedView({changes, outcome}: CatalogPlanReport): string {
  if (outcome !== 'applied') return ''
  const things = changes.length === 1 ? 'change is' : 'changes are'
  return `${paint.good('✓')} ${changes.length} ${things} in the catalog`
}

const signs = {
  add: {sign: '+', style: paint.good},
  change: {sign: '~', style: paint.warn},
  remove: {sign: '-', style: paint.bad},
}

function changeLines({blocked, environment, fields, host, kind, what}: CatalogChange): string[] {
  const {sign, style} = signs[kind]
  const title = host === undefined ? `${what} ${environment}` : `${what} ${host} in ${environment}`
  if (kind === 'add') {
    const values = fields
      .filter(({field}) => field !== 'declared')
      .map(({after, field}) => `${field} ${neutralise(after ?? '')}`)
    return [`  ${style(`${sign} ${title}`)}${paint.dim(`  ${values.join(', ')}`)}`]
  }
  return [
    `  ${style(`${sign} ${title}`)}`,
    ...fieldChangeLines(fields, '      '),
    ...(blocked === undefined ? [] : [`      ${paint.bad(`can't be removed: it still has ${blocked}`)}`]),
  ]
}
