import {type Store} from '../contracts/store.js'
import {type Access} from '../domain/access.js'
import {closingText, eventText, SharedWatch} from './shared-watch.js'
import {Subscription} from './subscription.js'

export interface WatchHubOptions {
  store: Store
  pingMillis: number
  backlogCharacters: number
}

export interface FollowRequest {
  prefix: string
  fromRevision: number
  access: Access
}

/** Serves any number of watches with few on the store: those of one prefix share one, wherever they begin. */
export class WatchHub {
  private readonly shared = new Map<string, Set<SharedWatch>>()
  private readonly pinging: NodeJS.Timeout
  private isClosed = false

  constructor(private readonly options: WatchHubOptions) {
    this.pinging = setInterval(() => this.ping(), options.pingMillis)
    this.pinging.unref()
  }

  /** A reader of everything below the prefix after the revision. @throws what the store throws */
  async follow({access, fromRevision, prefix}: FollowRequest): Promise<Subscription> {
    const reader = new Subscription(this.options.backlogCharacters)
    if (this.isOver()) {
      reader.end(closingText)
      return reader
    }
    const watch = this.watchFor(prefix, fromRevision)
    if (!(await watch.hasReached(fromRevision))) {
      reader.end(eventText('compacted', watch.revision, {revision: watch.revision}))
      return reader
    }
    // Said at once, so that the headers go out and the reader knows that it's heard.
    reader.push(': watching\n\n')
    // The watch may have ended or moved on while it was asked.
    if (this.isOver()) reader.end(closingText)
    else this.watchFor(prefix, fromRevision).add(reader, access, fromRevision)
    return reader
  }

  /** Ends every watch; the readers come back elsewhere. */
  close(): void {
    this.isClosed = true
    clearInterval(this.pinging)
    for (const watch of this.all()) watch.end(closingText)
  }

  private isOver(): boolean {
    return this.isClosed
  }

  private watchFor(prefix: string, fromRevision: number): SharedWatch {
    const watches = this.shared.get(prefix) ?? new Set()
    const existing = [...watches].find((watch) => watch.covers(fromRevision))
    if (existing !== undefined) return existing
    const watch = new SharedWatch(this.options.store, prefix, fromRevision, () => {
      watches.delete(watch)
      if (watches.size === 0) this.shared.delete(prefix)
    })
    watches.add(watch)
    this.shared.set(prefix, watches)
    return watch
  }

  private ping(): void {
    for (const watch of this.all()) watch.ping()
  }

  private all(): SharedWatch[] {
    return [...this.shared.values()].flatMap((watches) => [...watches])
  }
}
