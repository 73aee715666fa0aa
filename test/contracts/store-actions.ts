import {type Store, type StoreEntry, type WatchBatch} from '../../src/contracts/store.js'

/** A signal for watches that end otherwise. */
export const never = new AbortController().signal

export async function revisionOf(store: Store): Promise<number> {
  return (await store.range('')).revision
}

export async function put(store: Store, key: string, value: string, lease?: string): Promise<number> {
  const write = lease === undefined ? {put: key, value} : {put: key, value, lease}
  return (await store.transact([], [write])).revision
}

/** Puts and returns the entry as the store must give it back: a new one unless `createRevision` is given. */
export async function putEntry(
  store: Store,
  key: string,
  value: string,
  createRevision?: number,
): Promise<StoreEntry> {
  const modRevision = await put(store, key, value)
  return {key, value, createRevision: createRevision ?? modRevision, modRevision}
}

export async function keysBelow(store: Store, prefix: string): Promise<string[]> {
  return (await store.range(prefix)).entries.map(({key}) => key)
}

/** Reads and writes by compare-and-swap until it gets through. */
export async function increment(store: Store, key: string): Promise<void> {
  for (;;) {
    const entry = await store.get(key)
    const {succeeded} = await store.transact(
      [{key, target: 'modified', revision: entry?.modRevision ?? 0}],
      [{put: key, value: String(Number(entry?.value ?? 0) + 1)}],
    )
    if (succeeded) return
  }
}

/** The first batches of a watch, or fewer when it ends before. */
export async function take(watch: AsyncIterable<WatchBatch>, count: number): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = []
  if (count === 0) return batches
  for await (const batch of watch) {
    batches.push(batch)
    if (batches.length === count) break
  }
  return batches
}

/** Looks again until it holds. */
export async function eventually(holds: () => Promise<boolean>, patienceMillis = 20_000): Promise<void> {
  const deadline = Date.now() + patienceMillis
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
