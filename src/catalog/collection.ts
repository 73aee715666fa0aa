import type * as v from 'valibot'

import {type Compare, type Store, type StoreEntry, type Write} from '../contracts/store.js'
import {checkInPlace} from '../domain/schema.js'
import {YardError} from '../errors.js'

/** A record read from the store, with the revisions that compare-and-swap needs. */
export interface Stored<T> {
  record: T
  createRevision: number
  modRevision: number
}

/** A record that can't be trusted: someone else wrote it, or a newer yard. It is reported and skipped, never deleted. */
export interface BadRecord {
  key: string
  why: string
}

export interface Listing<T> {
  records: Stored<T>[]
  bad: BadRecord[]
  revision: number
}

export const maxRecordBytes = 256 * 1024

/** Typed records of one kind in a store: validated on every read as well as on every write. */
export class Collection<S extends v.GenericSchema> {
  constructor(
    private readonly store: Store,
    private readonly schema: S,
    /** What the key of this record must end with, so that a record under another's key is not believed. */
    private readonly keyEnd?: (record: v.InferOutput<S>) => string,
  ) {}

  /** Undefined when absent. A bad record counts as absent and goes to `onBad`. */
  async get(key: string, onBad?: (bad: BadRecord) => void): Promise<Stored<v.InferOutput<S>> | undefined> {
    const entry = await this.store.get(key)
    if (entry === undefined) return undefined
    const read = this.read(entry)
    if ('why' in read) {
      onBad?.(read)
      return undefined
    }
    return read
  }

  async list(prefix: string): Promise<Listing<v.InferOutput<S>>> {
    return this.listAs(prefix, (stored) => stored)
  }

  /** Like `list`, but keeps of each record only what `pick` takes of it: a large catalog is read without holding it. */
  async listAs<T>(
    prefix: string,
    pick: (stored: Stored<v.InferOutput<S>>) => T,
  ): Promise<{records: T[]; bad: BadRecord[]; revision: number}> {
    const {entries, revision} = await this.store.range(prefix)
    return {...this.readAs(entries, pick), revision}
  }

  readAll(entries: readonly StoreEntry[]): {records: Stored<v.InferOutput<S>>[]; bad: BadRecord[]} {
    return this.readAs(entries, (stored) => stored)
  }

  /** Like `readAll`, but keeps of each record only what `pick` takes of it. */
  readAs<T>(
    entries: readonly StoreEntry[],
    pick: (stored: Stored<v.InferOutput<S>>) => T,
  ): {records: T[]; bad: BadRecord[]} {
    const records: T[] = []
    const bad: BadRecord[] = []
    for (const entry of entries) {
      const read = this.read(entry)
      if ('why' in read) bad.push(read)
      else records.push(pick(read))
    }
    return {records, bad}
  }

  /** The write that stores this record. @throws Error when the record breaks its own schema, which is a bug in yard. */
  put(key: string, record: v.InferOutput<S>, lease?: string): Write {
    const checked = checkInPlace(this.schema, record)
    if (!checked.ok) {
      const [problem] = checked.problems
      throw new Error(
        `record for ${key} is invalid at ${problem?.path.join('.') ?? ''}: ${problem?.message ?? ''}`,
      )
    }
    if (!this.isAtHome(key, checked.value)) throw new Error(`record for ${key} belongs to another key`)
    const value = JSON.stringify(checked.value)
    if (isTooLarge(value)) throw tooLarge(key, value)
    return lease === undefined ? {put: key, value} : {put: key, value, lease}
  }

  private read(entry: StoreEntry): Stored<v.InferOutput<S>> | BadRecord {
    if (isTooLarge(entry.value)) return {key: entry.key, why: 'is too large'}
    let value: unknown
    try {
      value = JSON.parse(entry.value)
    } catch {
      return {key: entry.key, why: 'is not JSON'}
    }
    const checked = checkInPlace(this.schema, value)
    if (!checked.ok) {
      const [problem] = checked.problems
      const place = problem === undefined || problem.path.length === 0 ? 'the record' : problem.path.join('.')
      return {key: entry.key, why: `${place}: ${problem?.message ?? 'is invalid'}`}
    }
    if (!this.isAtHome(entry.key, checked.value)) {
      return {key: entry.key, why: 'its content says that it belongs to another key'}
    }
    return {record: checked.value, createRevision: entry.createRevision, modRevision: entry.modRevision}
  }

  private isAtHome(key: string, record: v.InferOutput<S>): boolean {
    return this.keyEnd === undefined || key.endsWith(this.keyEnd(record))
  }
}

/** Counts the bytes only of what may have too many: a character takes at most three. */
function isTooLarge(value: string): boolean {
  return value.length > maxRecordBytes / 3 && Buffer.byteLength(value) > maxRecordBytes
}

/** A record grows with what users write, so its size is theirs to mend. */
function tooLarge(key: string, value: string): YardError {
  const kilobytes = Math.ceil(Buffer.byteLength(value) / 1024)
  return new YardError('E_USAGE', {
    what: `Can't keep ${kilobytes} kB in one record of the catalog`,
    why: `a record holds at most ${maxRecordBytes / 1024} kB, and ${key} would be larger`,
    next: ['shorten the largest values, such as environment variables and descriptions'],
  })
}

/** The key must not exist yet. */
export function absent(key: string): Compare {
  return {key, target: 'created', revision: 0}
}

/** The key must still be as it was read. */
export function unchanged(key: string, stored: {modRevision: number} | undefined): Compare {
  return {key, target: 'modified', revision: stored?.modRevision ?? 0}
}

/** Fencing: the lock must still be the very one that was taken. */
export function stillHeld(key: string, fence: number): Compare {
  return {key, target: 'created', revision: fence}
}
