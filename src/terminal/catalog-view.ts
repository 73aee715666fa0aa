import {type CatalogExport} from '../domain/catalog-export.js'
import {type CatalogImportReport} from '../lifecycle/catalog/import.js'
import {type ImportChange} from '../lifecycle/catalog/import-plan.js'
import {type CatalogShowReport} from '../lifecycle/catalog/show.js'
import {paint} from './colors.js'
import {safeText} from './safe-text.js'
import {table} from './table.js'

/** More than a person reads; `--json` has them all. */
const shownLines = 50
const root = '/yard/v1/'

export function catalogShowView(report: CatalogShowReport): string {
  const {bad, health, platformFile, records, revision, url} = report
  const facts: [string, string][] = [
    ['catalog', safeText(url)],
    ['revision', String(revision)],
    ['platform', platformFile === undefined ? 'no yard.yaml is in use' : safeText(platformFile)],
  ]
  const parts = health.map(({detail, isHealthy, name}) => [
    name,
    isHealthy ? {text: 'well', style: paint.good} : {text: 'unwell', style: paint.bad},
    detail,
  ])
  const counts = records.filter(({count}) => count > 0).map(({count, kind}) => [kind, String(count)])
  return [
    ...facts.map(([name, value]) => `${paint.dim(name.padEnd(8))}  ${value}`),
    '',
    table(['PART', 'STATE', 'DETAIL'], parts, paint.dim),
    '',
    counts.length === 0 ? 'It is empty.' : table(['RECORDS', 'COUNT'], counts, paint.dim),
    ...(bad.length === 0 ? [] : ['', ...badLines(report)]),
  ].join('\n')
}

/** The text of an export: two spaces, one line end at the end. */
export function exportText(exported: CatalogExport): string {
  return JSON.stringify(exported, undefined, 2)
}

export function catalogImportView({changes, dryRun, unchanged}: CatalogImportReport): string {
  const count = (action: ImportChange['action']) => changes.filter((each) => each.action === action).length
  const numbers = [
    `+ ${count('add')} added`,
    `~ ${count('change')} changed`,
    `= ${unchanged} unchanged`,
    ...(count('remove') > 0 ? [`- ${count('remove')} removed`] : []),
  ].join('  ')
  const more = changes.length > shownLines ? [paint.dim(`  … and ${changes.length - shownLines} more`)] : []
  return [
    ...changes.slice(0, shownLines).map(changeLine),
    ...more,
    ...(changes.length === 0 ? [] : ['']),
    dryRun ? `Would be: ${numbers}` : `${paint.good('✓')} ${numbers}`,
    ...(dryRun ? [paint.dim('Nothing was changed.')] : []),
  ].join('\n')
}

function changeLine({action, fields = [], key}: ImportChange): string {
  const name = safeText(below(key))
  if (action === 'add') return paint.good(`+ ${name}`)
  if (action === 'remove') return paint.bad(`- ${name}`)
  return paint.warn(`~ ${name}`) + (fields.length === 0 ? '' : paint.dim(`  ${safeText(fields.join(', '))}`))
}

function badLines({bad}: CatalogShowReport): string[] {
  const count =
    bad.length === 1
      ? "1 record can't be trusted, and every command leaves it out:"
      : `${bad.length} records can't be trusted, and every command leaves them out:`
  const more = bad.length > shownLines ? [`  … and ${bad.length - shownLines} more`] : []
  return [
    paint.bad(count),
    ...bad.slice(0, shownLines).map(({key, why}) => `  ${safeText(below(key))}: ${safeText(why)}`),
    ...more,
  ]
}

function below(key: string): string {
  return key.startsWith(root) ? key.slice(root.length) : key
}
