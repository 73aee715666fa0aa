import {type ImportedService, type ServicesImportReport} from '../lifecycle/services/import.js'
import {type ServiceRemoveReport} from '../lifecycle/services/remove.js'
import {paint} from './colors.js'
import {safeText} from './safe-text.js'

export function servicesImportView({dryRun, leftOut, services}: ServicesImportReport): string {
  const count = (outcome: ImportedService['outcome']) =>
    services.filter((each) => each.outcome === outcome).length
  const numbers = [
    `+ ${count('added')} added`,
    `~ ${count('changed')} changed`,
    `= ${count('unchanged')} unchanged`,
    ...(count('kept') > 0 ? [`${count('kept')} kept as registered (--update changes them)`] : []),
  ].join('  ')
  const lines = [
    ...services.filter(({outcome}) => outcome !== 'unchanged').map(serviceLine),
    ...leftOut.map(({name, why}) => paint.dim(`  left out at ${safeText(name)}: ${safeText(why)}`)),
  ]
  return [
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    dryRun ? `Would be: ${numbers}` : `${paint.good('✓')} ${numbers}`,
    ...(dryRun ? [paint.dim('Nothing was changed.')] : []),
    ...(count('added') > 0 && !dryRun
      ? [
          '',
          `Next: ${paint.command('yard register')}   # in each repository: it tells how the service is run`,
        ]
      : []),
  ].join('\n')
}

export function serviceRemoveView({dryRun, removed, service}: ServiceRemoveReport): string {
  const name = paint.strong(service)
  const others = removed.map((key) => paint.bad(`  - ${safeText(key.replace(/^\/yard\/v1\//, ''))}`))
  return [
    dryRun ? `Would remove ${name}` : `${paint.good('✓')} ${name} is removed`,
    ...others,
    dryRun
      ? paint.dim('Nothing was changed.')
      : paint.dim('Its builds, releases and deploys stay in the catalog as history.'),
  ].join('\n')
}

/** What a person should know before a service is removed. */
export function removalSentence({removed, service}: ServiceRemoveReport): string {
  const records = removed.length === 1 ? '1 record' : `${removed.length} records`
  return `${service} goes from the catalog, with ${records} of its config, consumers and bindings`
}

function serviceLine({changes, name, outcome}: ImportedService): string {
  const fields = changes.map(({field}) => field).join(', ')
  if (outcome === 'added') return paint.good(`+ ${name}`)
  if (outcome === 'changed') return paint.warn(`~ ${name}`) + paint.dim(`  ${safeText(fields)}`)
  return paint.dim(`  ${name} is registered already, with another ${safeText(fields)}`)
}
