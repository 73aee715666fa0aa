import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord, type Stored} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type StoreEntry} from '../../contracts/store.js'
import {type Binding, type Release, releaseId} from '../../domain/release.js'

const requestsAtOnce = 32

/** The releases that have the traffic. They never change, so each is read once, and kept without what isn't routed by. */
export class BoundReleases {
  private readonly stored = new Map<string, Stored<Release>>()
  private readonly badOnes = new Map<string, BadRecord>()
  private readonly underWay = new Map<string, Promise<void>>()
  private readonly absent = new Set<string>()
  private readonly byId = new Map<string, Release>()

  constructor(private readonly catalog: Catalog) {}

  /** By release id. */
  get all(): ReadonlyMap<string, Release> {
    return this.byId
  }

  bad(): BadRecord[] {
    return [...this.badOnes.values()]
  }

  records(): {key: string; stored: Stored<Release>}[] {
    return Array.from(this.stored.values(), (stored) => ({
      key: keys.release(stored.record.service, stored.record.number),
      stored,
    }))
  }

  restore(entries: readonly StoreEntry[]): void {
    for (const stored of this.catalog.releases.readAll(entries).records) this.keep(stored)
  }

  isMissing({active, service}: Binding): boolean {
    const id = releaseId(service, active)
    return !this.stored.has(id) && !this.absent.has(id)
  }

  /** Reads those that are missing. @throws what the store throws */
  async fetch(bindings: readonly Binding[]): Promise<void> {
    const missing = bindings.filter((binding) => this.isMissing(binding))
    for (let start = 0; start < missing.length; start += requestsAtOnce) {
      await Promise.all(missing.slice(start, start + requestsAtOnce).map((binding) => this.fetchOne(binding)))
    }
  }

  /** Forgets what no binding names, and asks once more for what wasn't there. */
  keepOnly(bindings: readonly Binding[]): void {
    const wanted = new Set(bindings.map(({active, service}) => releaseId(service, active)))
    this.absent.clear()
    for (const map of [this.stored, this.byId, this.badOnes]) {
      for (const id of map.keys()) if (!wanted.has(id)) map.delete(id)
    }
  }

  private fetchOne({active, service}: Binding): Promise<void> {
    const id = releaseId(service, active)
    const known = this.underWay.get(id)
    if (known !== undefined) return known
    const reading = this.read(id, keys.release(service, active)).finally(() => this.underWay.delete(id))
    this.underWay.set(id, reading)
    return reading
  }

  private async read(id: string, key: string): Promise<void> {
    const stored = await this.catalog.releases.get(key, (bad) => this.badOnes.set(id, bad))
    if (stored === undefined) this.absent.add(id)
    else this.keep(stored)
  }

  private keep({createRevision, modRevision, record}: Stored<Release>): void {
    const id = releaseId(record.service, record.number)
    const kept: Release = {...record, variables: {}, smoke: []}
    delete kept.secrets
    this.badOnes.delete(id)
    this.stored.set(id, {record: kept, createRevision, modRevision})
    this.byId.set(id, kept)
  }
}
