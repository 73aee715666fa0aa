import {type StoreChange, type WatchBatch} from '../../contracts/store.js'
import {compareKeys} from '../../domain/store-text.js'
import {type Event} from './wire.js'

/**
 * How far a watch has come: the revision of the last event that was delivered, and how many keys there must be then.
 * Never the revision in a header: during a catch-up that is far ahead of the events.
 */
export class Progress {
  /** Keys below the prefix at `seen`; undefined while nobody has counted them. */
  count: number | undefined
  private held: Event[] = []

  constructor(public seen: number) {
    this.count = seen === 0 ? 0 : undefined
  }

  /**
   * The batches in one message, in order. Of a message that goes on in the next one, the last revision is held back,
   * because the rest of it is still to come.
   */
  *batchesOf(events: readonly Event[], isContinued: boolean): Generator<WatchBatch> {
    const groups = groupByRevision([...this.held, ...events])
    this.held = isContinued ? (groups.pop() ?? []) : []
    for (const group of groups) {
      const revision = group[0]?.modRevision ?? 0
      // Old servers can go back in time; what was delivered is not delivered again.
      if (revision <= this.seen) continue
      this.seen = revision
      if (this.count !== undefined) this.count += growthOf(group)
      const changes = group.flatMap(changeOf)
      changes.sort((left, right) => compareKeys(keyOf(left), keyOf(right)))
      if (changes.length > 0) yield {kind: 'changes', revision, changes}
    }
  }

  /** A new stream begins after `seen`: half a message of the old one comes again. */
  restart(): void {
    this.held = []
  }
}

function groupByRevision(events: readonly Event[]): Event[][] {
  const groups: Event[][] = []
  for (const event of events) {
    const last = groups.at(-1)
    if (last?.[0]?.modRevision === event.modRevision) last.push(event)
    else groups.push([event])
  }
  return groups
}

function growthOf(group: readonly Event[]): number {
  return group.reduce((sum, {kind, isNew}) => sum + (kind === 'delete' ? -1 : isNew ? 1 : 0), 0)
}

function changeOf({kind, entry}: Event): StoreChange[] {
  if (entry === undefined) return []
  return [kind === 'put' ? {kind, entry} : {kind, key: entry.key}]
}

function keyOf(change: StoreChange): string {
  return change.kind === 'put' ? change.entry.key : change.key
}
