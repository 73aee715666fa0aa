import {lockIdentity} from '../../app/lock-identity.js'
import {YardCommand} from '../../app/yard-command.js'
import {type ListedLock, listLocks} from '../../lifecycle/locks/list.js'
import {locksView} from '../../terminal/locks-view.js'

export default class LockList extends YardCommand {
  static override summary = 'list who is at work on what'

  static override description =
    'A deploy holds the lock of its service in its environment, "yard up" that of its host. A lock that its holder no longer renews is free once it expires.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<ListedLock[]> {
    await this.parse(LockList)
    const yard = await this.yard()
    const locks = await listLocks({catalog: await yard.catalog(), identity: lockIdentity(yard)})
    this.print(locksView(locks, yard.clock.now()))
    return locks
  }
}
