import {randomUUID} from 'node:crypto'
import {performance} from 'node:perf_hooks'

import {maxTransactionWrites, type Write} from '../../contracts/store.js'
import {type Gateway} from './gateway.js'
import {grantLease, revokeLease} from './leases.js'
import {type Answer, arrayOf, bytesOf, encode, headerOf, integerOf, objectOf} from './wire.js'

/**
 * A key of this program's own that a transaction writes along with everything else, and whose revision it compares.
 * It tells afterwards whether the transaction happened; and whoever overwrites it stops one that is still under way.
 */
export interface Receipt {
  /** In base64. */
  readonly key: string
  readonly lease: string
  /** Revision of its last write; 0 before the first. */
  modified: number
}

export type Settlement =
  /** At this revision. */
  | {kind: 'done'; revision: number}
  /** It never will be, either. */
  | {kind: 'not done'}
  /** The receipt itself is lost. */
  | {kind: 'unknown'}

/** Receipts of a program that was killed go with their lease. */
const leaseMillis = 600_000

/** An older lease is not used for new receipts, so none runs out under one that is in use. */
const leaseUseMillis = 300_000

/** One transaction at a time uses a receipt; as many are made as transactions run at once. */
export class Receipts {
  private readonly program = randomUUID()
  private made = 0
  private free: Receipt[] = []
  private isTurnedOff = false
  private lease: {id: Promise<string>; grantedAt: number} | undefined

  constructor(
    private readonly gateway: Gateway,
    private readonly namespace: string,
  ) {}

  /** @throws Unanswered, when nothing was sent yet. */
  async take(deadline: number): Promise<Receipt> {
    const lease = await this.currentLease(deadline)
    const receipt = this.free.pop()
    if (receipt?.lease === lease) return receipt
    this.free = []
    this.made += 1
    // Keys of the catalog hold no NUL, so these are never among them; `rangeOf` leaves them out.
    return {key: encode(`${this.namespace}\0yard-receipt/${this.program}/${this.made}`), lease, modified: 0}
  }

  giveBack(receipt: Receipt, modified: number): void {
    this.free.push({...receipt, modified})
  }

  /** Set where this user may not write receipts: outside of the catalog's keys. */
  get isOff(): boolean {
    return this.isTurnedOff
  }

  turnOff(): void {
    this.isTurnedOff = true
  }

  /** For when etcd doesn't know the lease any more. */
  forget(): void {
    this.free = []
    this.lease = undefined
  }

  /**
   * Finds out whether a transaction happened, and stops it where it has not. May be asked of several members: once
   * the receipt is overwritten, doing it again changes nothing.
   * @throws Unanswered, Refusal
   */
  async settle(receipt: Receipt, id: string, deadline: number): Promise<Settlement> {
    const stopped = `stopped ${id}`
    const body = {
      compare: [isUntouched(receipt)],
      success: [{request_put: {key: receipt.key, value: encode(stopped), lease: receipt.lease}}],
      failure: [{request_range: {key: receipt.key}}],
    }
    const answer = await this.gateway.call('/v3/kv/txn', body, {isRepeatable: true, deadline})
    if (answer['succeeded'] === true) {
      receipt.modified = headerOf(answer).revision
      return {kind: 'not done'}
    }
    const [kv] = receiptsIn(answer)
    if (kv === undefined) return {kind: 'unknown'}
    receipt.modified = integerOf(kv['mod_revision'])
    const value = bytesOf(kv['value']).toString('utf8')
    if (value === id) return {kind: 'done', revision: receipt.modified}
    return {kind: value === stopped ? 'not done' : 'unknown'}
  }

  /** Best effort: what stays behind goes with its lease. */
  async close(): Promise<void> {
    const lease = await this.lease?.id.catch(() => undefined)
    if (lease === undefined) return
    await revokeLease(this.gateway, lease, performance.now() + 1_000).catch(() => undefined)
  }

  private async currentLease(deadline: number): Promise<string> {
    const isUsable = this.lease !== undefined && performance.now() - this.lease.grantedAt < leaseUseMillis
    if (!isUsable) {
      const lease = {id: grantLease(this.gateway, leaseMillis, deadline), grantedAt: performance.now()}
      this.lease = lease
      lease.id.catch(() => {
        if (this.lease === lease) this.lease = undefined
      })
    }
    return (await this.lease?.id) ?? ''
  }
}

export function isUntouched({key, modified}: Receipt): object {
  return {key, target: 'MOD', result: 'EQUAL', mod_revision: String(modified)}
}

/** Whether the answer of a transaction whose compares didn't hold shows the receipt as it was known. */
export function isAsKnown(answer: Answer, {modified}: Receipt): boolean {
  return integerOf(receiptsIn(answer)[0]?.['mod_revision']) === modified
}

/**
 * The operations that write a receipt when the writes change anything: always with a put, and with deletes only when
 * one of the keys is there, because a transaction that changes nothing has no revision of its own. Undefined when
 * there is no room for it.
 */
export function receiptOperations(
  {key, lease}: Receipt,
  id: string,
  writes: readonly Write[],
  namespace: string,
): object[] | undefined {
  const put = {request_put: {key, value: encode(id), lease}}
  if (writes.some((write) => 'put' in write)) return writes.length < maxTransactionWrites ? [put] : undefined
  if (writes.length === 0 || writes.length > mostDeletes) return undefined
  return writes.reduceRight<object[]>((otherwise, write) => {
    const compare = {
      key: encode(namespace + ('delete' in write ? write.delete : write.put)),
      target: 'CREATE',
      result: 'GREATER',
      create_revision: '0',
    }
    return [{request_txn: {compare: [compare], success: [put], failure: otherwise}}]
  }, [])
}

/** Each delete is an operation of the transaction and nests the next condition; etcd counts both. */
const mostDeletes = 60

function receiptsIn(answer: Answer): Answer[] {
  const responses = arrayOf(answer['responses'])
  return responses.flatMap(({response_range: range}) =>
    range === undefined ? [] : arrayOf(objectOf(range)['kvs']),
  )
}
