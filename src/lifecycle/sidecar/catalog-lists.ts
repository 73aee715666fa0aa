import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type RoutedKindName} from '../../catalog/routed-kinds.js'
import {type FreshList} from '../../catalog/routed-view.js'
import {type StoreEntry} from '../../contracts/store.js'
import {type Environment} from '../../domain/environment.js'
import {type ErrorCode, YardError} from '../../errors.js'
import {type WatchedPart} from './routed-state.js'

interface FreshLists {
  lists: Omit<FreshList, 'deletions' | 'isReplaced'>[]
  revisions: Record<WatchedPart, number>
}

const belowRouted: readonly RoutedKindName[] = [
  'bindings',
  'hostDrains',
  'instances',
  'lossAcceptances',
  'maintenances',
  'publicRoutes',
]

/** Somebody who may only read can't ask a majority. */
const refusals: readonly ErrorCode[] = ['E_CATALOG_AUTH', 'E_CATALOG_FORBIDDEN', 'E_PERMISSION']

/** Reads everything that routing in an environment needs. */
export class CatalogLists {
  private mayProve = true

  constructor(
    private readonly catalog: Catalog,
    private readonly environment: string,
  ) {}

  /**
   * The revision that the store itself is at; undefined when nobody may ask. Reads alone prove nothing: with most
   * members of a cluster away they are answered from one that may be behind.
   * @throws what the store throws
   */
  async prove(): Promise<number | undefined> {
    const {store} = this.catalog
    if (this.mayProve) {
      try {
        return (await store.transact([], [])).revision
      } catch (error) {
        if (!(error instanceof YardError && refusals.includes(error.code))) throw error
        this.mayProve = false
      }
    }
    await store.get(keys.environment(this.environment))
    return undefined
  }

  /** @throws what the store throws, and E_CATALOG_UNREACHABLE for lists that are older than the store is */
  async read(known: Environment | undefined): Promise<FreshLists> {
    const {store} = this.catalog
    const {environment} = this
    const proven = (await this.prove()) ?? 0
    const record = await store.get(keys.environment(environment))
    const entries = record === undefined ? [] : [record]
    const {records} = this.catalog.environments.readAll(entries)
    const isScoped = (records[0]?.record ?? known)?.router.scope === 'consumers'
    const hosts = await store.range(keys.hosts(environment))
    const consumers = isScoped ? await store.range(keys.consumers) : {entries: [], revision: hosts.revision}
    // The environment's routing comes last, so that its revision covers what was read before.
    const services = await store.range(keys.services)
    const routed = await store.range(keys.routed(environment))
    if (Math.min(services.revision, routed.revision) < proven) throw olderThanItIs(store.url)
    return {
      revisions: {routed: routed.revision, services: services.revision},
      lists: [
        listOf(['environments'], {entries, revision: hosts.revision}),
        listOf(['hosts'], hosts),
        listOf(['consumers'], consumers),
        listOf(['services'], services),
        listOf(belowRouted, routed),
      ],
    }
  }
}

function listOf(
  kinds: readonly RoutedKindName[],
  {entries, revision}: {entries: readonly StoreEntry[]; revision: number},
): FreshLists['lists'][number] {
  return {kinds, entries, revision}
}

function olderThanItIs(url: string): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't read the catalog ${url}`,
    why: 'what answers is behind the others',
    next: ['yard catalog show   # asks each member'],
  })
}
