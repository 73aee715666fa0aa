import {openNotifiers} from '../../app/notifiers.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {exitCodes} from '../../errors.js'
import {type NotificationsReport, tryNotifications} from '../../lifecycle/notify/try-notifications.js'
import {notificationsView} from '../../terminal/notifications-view.js'

export default class NotificationsTest extends YardCommand {
  static override summary = 'send a test message to everybody who is told of deploys'

  static override description =
    'Opens the secrets of `notifications` in yard.yaml, sends one message each to Slack, by mail and to the webhooks, and says who got it. Exits 1 when somebody did not.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --env staging',
  ]

  static override flags = {env: envFlag}

  async run(): Promise<NotificationsReport> {
    const {flags} = await this.parse(NotificationsTest)
    const yard = await this.yard()
    const {actor, clock, machine, signal} = yard
    const needs = {
      ...{actor, clock, machine, signal},
      openNotifiers: (deadline: AbortSignal) => openNotifiers(yard, deadline),
    }
    const report = await tryNotifications(needs, {environment: flags.env})
    this.print(notificationsView(report))
    if (report.notifiers.some(({outcome}) => outcome === 'failed')) this.endWith(exitCodes.stepFailed)
    return report
  }
}
