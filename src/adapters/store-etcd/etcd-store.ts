import {
  type Compare,
  type Store,
  type StoreEntry,
  type StorePart,
  type StoreRange,
  type TransactResult,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {explain, outcomeUnknown, type Place} from './failures.js'
import {Gateway} from './gateway.js'
import {healthOf} from './health.js'
import {grantLease, leaseMillisLeft, renewLease, revokeLease} from './leases.js'
import {type EtcdStoreOptions} from './options.js'
import {Pulse} from './pulse.js'
import {Reads} from './reads.js'
import {Receipts} from './receipts.js'
import {OutcomeUnknown, transact} from './transact.js'
import {Watch} from './watch.js'

/**
 * Opens without asking any member: what doesn't answer is told by the first call.
 * @throws YardError E_CATALOG_URL, and E_CATALOG_AUTH for certificates that can't be read. Its methods throw E_CATALOG_UNREACHABLE, E_CATALOG_AUTH, E_DISK_FULL, and E_USAGE
 * for more than etcd takes at once.
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  return new EtcdStore(options)
}

class EtcdStore implements Store {
  readonly url: string
  private readonly place: Place
  private readonly gateway: Gateway
  private readonly pulse: Pulse
  private readonly reads: Reads
  private readonly receipts: Receipts
  private readonly watches = new Set<AbortController>()
  private readonly warn: (text: string) => void

  constructor(private readonly options: EtcdStoreOptions) {
    const {endpoints, namespace, user} = options
    const isTls = options.tls !== undefined
    const path = namespace === '' ? '' : `/${namespace.replace(/^\//, '')}`
    // Others open the catalog by it: without the `s` they would send the password in plain HTTP.
    this.url = `${isTls ? 'etcds' : 'etcd'}://${endpoints.join(',')}${path}`
    this.place = {url: this.url, isTls, members: endpoints, user: user?.name}
    this.warn = options.warn ?? (() => undefined)
    this.gateway = new Gateway(options)
    this.pulse = new Pulse(this.gateway)
    this.reads = new Reads(this.gateway, namespace, this.warn)
    this.receipts = new Receipts(this.gateway, namespace)
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    return this.explained(() => this.reads.get(key))
  }

  async range(prefix: string): Promise<StoreRange> {
    return this.explained(() => this.reads.range(prefix))
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    const {gateway, receipts, reads} = this
    const {namespace} = this.options
    const needs = {gateway, receipts, namespace, revision: () => reads.revision()}
    return this.explained(() => transact(needs, compares, writes))
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    if (signal.aborted) return
    this.gateway.checkOpen()
    const stop = new AbortController()
    const abort = () => stop.abort()
    signal.addEventListener('abort', abort, {once: true})
    this.watches.add(stop)
    const {gateway, pulse, warn} = this
    const {namespace, reconcileMillis = 60_000} = this.options
    const needs = {gateway, pulse, namespace, reconcileMillis, warn}
    try {
      yield* new Watch(needs, {prefix, fromRevision, signal: stop.signal}).batches()
    } catch (error) {
      throw this.translate(error)
    } finally {
      this.watches.delete(stop)
      signal.removeEventListener('abort', abort)
    }
  }

  async grantLease(ttlMillis: number): Promise<string> {
    return this.explained(() => grantLease(this.gateway, ttlMillis))
  }

  async renewLease(lease: string): Promise<boolean> {
    return this.explained(() => renewLease(this.gateway, lease))
  }

  async revokeLease(lease: string): Promise<void> {
    return this.explained(() => revokeLease(this.gateway, lease))
  }

  async leaseMillisLeft(lease: string): Promise<number | undefined> {
    return this.explained(() => leaseMillisLeft(this.gateway, lease))
  }

  async health(): Promise<StorePart[]> {
    return this.explained(() => healthOf(this.gateway))
  }

  async close(): Promise<void> {
    for (const watch of this.watches) watch.abort()
    await this.receipts.close()
    this.gateway.close()
  }

  private async explained<T>(action: () => Promise<T>): Promise<T> {
    this.gateway.checkOpen()
    try {
      return await action()
    } catch (error) {
      throw this.translate(error)
    }
  }

  private translate(error: unknown): unknown {
    return error instanceof OutcomeUnknown
      ? outcomeUnknown(this.place, error.outage)
      : explain(error, this.place)
  }
}
