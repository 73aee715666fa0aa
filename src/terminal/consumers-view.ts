import {type ConsumerAddReport} from '../lifecycle/consumers/add.js'
import {type ListedConsumer} from '../lifecycle/consumers/list.js'
import {type ConsumerRemoveReport} from '../lifecycle/consumers/remove.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

export function consumersListView(consumers: readonly ListedConsumer[], now: Date): string {
  if (consumers.length === 0) {
    return `There is no consumer to list. Add one: ${paint.command('yard consumers add billing --of identity')}`
  }
  const rows = consumers.map(({addedAt, addedBy, consumer, isDeclared, rotatedAt, service}): Cell[] => [
    {text: consumer, style: paint.strong},
    service,
    isDeclared ? 'yes' : {text: 'no', style: paint.warn},
    ago(rotatedAt ?? addedAt, now),
    addedBy,
  ])
  return table(['CONSUMER', 'MAY CALL', 'DECLARED', 'TOKEN', 'ADDED BY'], rows, paint.dim)
}

export function consumerAddView({consumer, dryRun, outcome, service, variable}: ConsumerAddReport): string {
  const [caller, called] = [paint.strong(consumer), paint.strong(service)]
  if (outcome === 'already') {
    const rotate = `yard consumers add ${consumer} --of ${service} --rotate`
    return `${caller} may call ${called} already and keeps its token. Another one: ${paint.command(rotate)}`
  }
  const done =
    outcome === 'added' ? `${caller} may call ${called}` : `${caller} gets a new token for ${called}`
  if (dryRun) return `Would change: ${done}\n${paint.dim('Nothing was changed.')}`
  return `${paint.good('✓')} ${done}\nThe next deploy of ${consumer} gives it the token in ${variable}.`
}

export function consumerRemoveView({consumer, dryRun, service}: ConsumerRemoveReport): string {
  const done = `${paint.strong(consumer)} is no consumer of ${paint.strong(service)}`
  if (dryRun) return `Would change: ${done}\n${paint.dim('Nothing was changed.')}`
  return `${paint.good('✓')} ${done} any more\nReleases of ${consumer} that run now keep the token until its next deploy.`
}
