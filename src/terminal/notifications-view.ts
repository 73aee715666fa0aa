import {neutralise} from '../domain/logs/escapes.js'
import {type NotificationsReport} from '../lifecycle/notify/try-notifications.js'
import {paint} from './colors.js'

export function notificationsView({notifiers}: NotificationsReport): string {
  if (notifiers.length === 0) {
    return `Nobody is told of deploys. Name who shall be under ${paint.command('notifications')} in yard.yaml.`
  }
  return notifiers
    .map(({name, outcome, why}) =>
      outcome === 'told'
        ? `${paint.good('✓')} ${neutralise(name)}`
        : `${paint.bad('✗')} ${neutralise(name)}: ${neutralise(why ?? 'no reason given')}`,
    )
    .join('\n')
}
