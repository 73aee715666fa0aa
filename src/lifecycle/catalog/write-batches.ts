import {type Catalog} from '../../catalog/catalog.js'
import {type Compare, type Write} from '../../contracts/store.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

export interface WriteBatchesNeeds {
  catalog: Catalog
  signal: AbortSignal
}

/** A write and what it assumes of its own key. */
export interface GuardedWrite {
  compare: Compare
  write: Write
}

/** Less than the 128 a store allows, and far less than the 1.5 MB that an etcd takes at once. */
const maxWrites = 100
const maxBatchBytes = 512 * 1024
const batchesAtOnce = 4

/**
 * Makes many writes, in transactions that every store takes. Several are under way at once, because a store far away
 * takes its time; after a failure those end, and no other begins.
 * @throws YardError E_CONFLICT naming the record that isn't as it was assumed to be
 */
export async function writeBatches(needs: WriteBatchesNeeds, writes: readonly GuardedWrite[]): Promise<void> {
  const waiting = batchesOf(writes)
  const failures: unknown[] = []
  const work = async () => {
    for (let batch = waiting.shift(); batch !== undefined && failures.length === 0; batch = waiting.shift()) {
      await writeBatch(needs, batch).catch((failure: unknown) => failures.push(failure))
    }
  }
  await Promise.all(Array.from({length: batchesAtOnce}, work))
  if (failures.length > 0) throw failures[0]
}

function batchesOf(writes: readonly GuardedWrite[]): GuardedWrite[][] {
  const batches: GuardedWrite[][] = []
  let batch: GuardedWrite[] = []
  let bytes = 0
  for (const planned of writes) {
    const size = 'value' in planned.write ? Buffer.byteLength(planned.write.value) : 0
    if (batch.length === maxWrites || (batch.length > 0 && bytes + size > maxBatchBytes)) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(planned)
    bytes += size
  }
  return batch.length === 0 ? batches : [...batches, batch]
}

async function writeBatch(
  {catalog, signal}: WriteBatchesNeeds,
  batch: readonly GuardedWrite[],
): Promise<void> {
  signal.throwIfAborted()
  const compares = batch.map(({compare}) => compare)
  const written = await catalog.attempt(
    compares,
    batch.map(({write}) => write),
  )
  if (written === false) throw await conflict(catalog, batch)
}

async function conflict(catalog: Catalog, batch: readonly GuardedWrite[]): Promise<YardError> {
  for (const {compare} of batch) {
    const entry = await catalog.store.get(compare.key)
    if ((entry?.modRevision ?? 0) !== compare.revision) return changed(compare.key)
  }
  return changed(batch[0]?.compare.key ?? '')
}

function changed(key: string): YardError {
  return new YardError('E_CONFLICT', {
    what: "Can't go on with the import",
    why: `somebody changed ${/^[\w./@-]+$/.test(key) ? key : printable(key)} since the plan was made`,
    next: ['run the command again: it goes on where it stopped'],
    details: {key},
  })
}
