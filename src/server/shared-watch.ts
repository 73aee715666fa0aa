import {type Store, type StoreChange, type WatchBatch} from '../contracts/store.js'
import {type Access} from '../domain/access.js'
import {type Subscription} from './subscription.js'

/** How much of the past is kept for readers that come later. */
const keptBatches = 1_000
const keptCharacters = 4 * 1_048_576

/** One watch on the store for all readers of a prefix. */
export class SharedWatch {
  private readonly readers = new Map<Subscription, {access: Access; seen: number}>()
  private readonly stopping = new AbortController()
  private recent: TellableBatch[] = []
  private recentCharacters = 0
  /** Every change after this revision is in `recent`, or still to come. */
  private since: number
  /** The store has reached at least this revision. */
  private reached = 0
  private asking: Promise<void> | undefined
  private someoneCame: () => void = () => undefined

  constructor(
    private readonly store: Store,
    private readonly prefix: string,
    fromRevision: number,
    private readonly onEnd: () => void,
  ) {
    this.since = fromRevision
    void this.run(fromRevision)
  }

  /** Whether a reader that has everything up to this revision misses nothing here. */
  covers(revision: number): boolean {
    return !this.stopping.signal.aborted && revision >= this.since
  }

  /** Resolves once it's known whether the store ever reached this revision; an older copy of a store hasn't. */
  async hasReached(revision: number): Promise<boolean> {
    if (revision <= this.reached || revision <= this.since) return true
    await (this.asking ??= this.askRevision())
    return revision <= this.reached
  }

  /** Tells the reader everything after the revision. Synchronous, so that nothing comes in between. */
  add(reader: Subscription, access: Access, revision: number): void {
    const state = {access, seen: revision}
    this.readers.set(reader, state)
    for (const batch of this.recent) tell(reader, state, batch)
    this.someoneCame()
    reader.stream.on('close', () => this.remove(reader))
  }

  get revision(): number {
    return this.reached
  }

  ping(): void {
    for (const reader of this.readers.keys()) reader.ping()
  }

  /** Ends all its readers, each with this text. */
  end(text: string): void {
    for (const reader of this.readers.keys()) reader.end(text)
    this.stop()
  }

  private remove(reader: Subscription): void {
    this.readers.delete(reader)
    if (this.readers.size === 0) this.stop()
  }

  private stop(): void {
    if (this.stopping.signal.aborted) return
    this.stopping.abort()
    this.onEnd()
  }

  private async run(fromRevision: number): Promise<void> {
    try {
      for await (const batch of this.store.watch(this.prefix, fromRevision, this.stopping.signal)) {
        if (batch.kind === 'compacted') {
          this.end(eventText('compacted', batch.revision, {revision: batch.revision}))
          return
        }
        this.publish(new TellableBatch(batch))
        if (this.readers.size === 0) break
        await this.untilSomebodyKeepsUp()
      }
    } catch {
      // Readers resume by themselves; the next request tells them what is the matter with the store.
    }
    this.end(closingText)
  }

  private publish(batch: TellableBatch): void {
    this.reached = Math.max(this.reached, batch.revision)
    this.recent.push(batch)
    this.recentCharacters += batch.size
    while (
      this.recent.length > keptBatches ||
      (this.recentCharacters > keptCharacters && this.recent.length > 1)
    ) {
      const forgotten = this.recent.shift()
      this.since = forgotten?.revision ?? this.since
      this.recentCharacters -= forgotten?.size ?? 0
    }
    for (const [reader, state] of this.readers) tell(reader, state, batch)
  }

  /** As fast as the fastest reader: one that resumes from long ago is not buried, and one that stalls stops nobody. */
  private async untilSomebodyKeepsUp(): Promise<void> {
    const readers = [...this.readers.keys()]
    if (readers.length === 0 || readers.some((reader) => !reader.isBehind)) return
    const someoneComes = new Promise<void>((resolve) => (this.someoneCame = resolve))
    await Promise.race([someoneComes, ...readers.map((reader) => reader.whenDrained())])
  }

  private async askRevision(): Promise<void> {
    try {
      // Nothing is there: only the revision is wanted.
      const {revision} = await this.store.range(`${this.prefix}\u{10ffff}\u{10ffff}`)
      this.reached = Math.max(this.reached, revision)
    } finally {
      this.asking = undefined
    }
  }
}

/** Told before the server ends: the reader comes back at once, here or elsewhere. */
export const closingText = 'event: closing\ndata: {}\n\n'

/** One event of the stream; its id is where a reader resumes. */
export function eventText(event: string, revision: number, value: unknown): string {
  return `id: ${revision}\nevent: ${event}\ndata: ${JSON.stringify(value)}\n\n`
}

/** A batch whose text is made once for all who see the same of it. */
class TellableBatch {
  readonly revision: number
  readonly size: number
  private readonly changes: readonly StoreChange[]
  private readonly texts = new Map<string, string>()

  constructor(batch: WatchBatch & {kind: 'changes'}) {
    this.revision = batch.revision
    this.changes = batch.changes
    this.size = batch.changes.reduce((sum, change) => sum + sizeOf(change), 0)
  }

  /** Empty when nothing of it may be seen. */
  textFor(access: Access): string {
    const known = this.texts.get(access.view)
    if (known !== undefined) return known
    const changes = this.changes.filter((change) => access.mayRead(keyOf(change)))
    const text =
      changes.length === 0 ? '' : eventText('changes', this.revision, {revision: this.revision, changes})
    this.texts.set(access.view, text)
    return text
  }
}

function tell(reader: Subscription, state: {access: Access; seen: number}, batch: TellableBatch): void {
  if (batch.revision <= state.seen) return
  state.seen = batch.revision
  const text = batch.textFor(state.access)
  if (text !== '') reader.push(text)
}

function sizeOf(change: StoreChange): number {
  return change.kind === 'put' ? change.entry.key.length + change.entry.value.length : change.key.length
}

function keyOf(change: StoreChange): string {
  return change.kind === 'put' ? change.entry.key : change.key
}
