import {Args, Flags} from '@oclif/core'

import {confirm, yesFlag} from '../../app/confirm.js'
import {lockIdentity} from '../../app/lock-identity.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {breakLock, type LockBreakReport} from '../../lifecycle/locks/break.js'
import {lockBreakView, lockSentence} from '../../terminal/locks-view.js'

export default class LockBreak extends YardCommand {
  static override changes = true
  static override summary = 'take a lock away from its holder'

  static override description =
    'For a holder that is gone or hangs: "yard lock break billing --env staging". It can do no harm if it wakes up, because its guarded writes are refused. The name has to be typed, or --yes given.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> billing --env staging --yes',
    '<%= config.bin %> <%= command.id %> --name supervisor/local/localhost --dry-run',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'the service whose deploy holds the lock'}),
  }

  static override flags = {
    env: envFlag,
    name: Flags.string({helpValue: 'LOCK', summary: 'the full name of any lock instead'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<LockBreakReport> {
    const {args, flags} = await this.parse(LockBreak)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      identity: lockIdentity(yard),
      confirm: (lock: Parameters<typeof lockSentence>[0]) =>
        confirm({
          purpose: `break the lock ${lock.name}`,
          consequence: lockSentence(lock, yard.clock.now()),
          name: args.service ?? lock.name,
          isConfirmed: flags.yes,
        }),
    }
    const request = {
      service: args.service,
      environment: flags.env,
      name: flags.name,
      dryRun: flags['dry-run'],
    }
    const report = await breakLock(needs, request)
    this.print(lockBreakView(report))
    return report
  }
}
