import {randomUUID} from 'node:crypto'
import {performance} from 'node:perf_hooks'

import {type Compare, maxTransactionWrites, type TransactResult, type Write} from '../../contracts/store.js'
import {checkStoreTransaction} from '../../domain/store-text.js'
import {type Gateway, Unanswered} from './gateway.js'
import {isLease} from './leases.js'
import {isAsKnown, isUntouched, type Receipt, receiptOperations, type Receipts} from './receipts.js'
import {Refusal} from './refusal.js'
import {type Answer, arrayOf, encode, headerOf, objectOf} from './wire.js'

export interface TransactNeeds {
  gateway: Gateway
  receipts: Receipts
  namespace: string
  /** The newest revision. */
  revision: () => Promise<number>
}

/** Nobody can tell whether the writes happened. */
export class OutcomeUnknown extends Error {
  constructor(readonly outage: Unanswered) {
    super(outage.message)
  }
}

/**
 * Applies a transaction exactly once, whatever happens to the member that was asked: each carries a receipt, and when
 * an answer is lost the receipt tells whether it was done.
 * @throws OutcomeUnknown, Unanswered when surely nothing was written, Refusal
 */
export async function transact(
  needs: TransactNeeds,
  compares: readonly Compare[],
  writes: readonly Write[],
): Promise<TransactResult> {
  checkStoreTransaction(compares, writes, maxTransactionWrites)
  const deadline = performance.now() + needs.gateway.callTimeoutMillis
  const gone = async () => ({succeeded: false, revision: await needs.revision()})
  if (writes.some((write) => 'put' in write && write.lease !== undefined && !isLease(write.lease)))
    return gone()
  let refusals = 0
  for (;;) {
    try {
      const result = await attempt(needs, compares, writes, deadline)
      if (result !== undefined) return result
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.isPermissionDenied && !needs.receipts.isOff) {
        // A role for the keys of the catalog only. Without receipts a lost answer leaves the outcome unknown.
        needs.receipts.turnOff()
      } else if (error.isLeaseGone) {
        // The lease of the receipt, or one of the writes? With a new one for the receipt it's clear.
        needs.receipts.forget()
        refusals += 1
        if (refusals > 1 || needs.receipts.isOff) return gone()
      } else {
        throw error
      }
    }
  }
}

/** Undefined when it was not done, never will be, and can be tried again. */
async function attempt(
  needs: TransactNeeds,
  compares: readonly Compare[],
  writes: readonly Write[],
  deadline: number,
): Promise<TransactResult | undefined> {
  const {gateway, receipts} = needs
  const receipt = writes.length === 0 || receipts.isOff ? undefined : await receipts.take(deadline)
  const id = randomUUID()
  const {body, isProven} = requestOf(needs, {compares, writes, receipt, id})
  try {
    const answer = await gateway.call('/v3/kv/txn', body, {isRepeatable: writes.length === 0, deadline})
    return resultOf(answer, isProven ? receipt : undefined, receipts)
  } catch (error) {
    if (!(error instanceof Unanswered && error.wasSent) || writes.length === 0) throw error
    if (receipt === undefined || !isProven) throw new OutcomeUnknown(error)
    return settled(receipts, receipt, {id, deadline, outage: error})
  }
}

interface Parts {
  compares: readonly Compare[]
  writes: readonly Write[]
  receipt: Receipt | undefined
  id: string
}

/** As large as etcd permits, a transaction goes without a receipt. */
function requestOf(
  {namespace}: TransactNeeds,
  {compares, writes, receipt, id}: Parts,
): {body: object; isProven: boolean} {
  const compare = compares.map((wanted) => compareOf(wanted, namespace))
  const success = writes.map((write) => operationOf(write, namespace))
  const proof =
    receipt === undefined || compares.length >= maxTransactionWrites
      ? undefined
      : receiptOperations(receipt, id, writes, namespace)
  if (writes.length === 0) return {body: {compare, ...majorityReads(namespace)}, isProven: false}
  if (receipt === undefined || proof === undefined) return {body: {compare, success}, isProven: false}
  return {
    body: {
      compare: [...compare, isUntouched(receipt)],
      success: [...proof, ...success],
      failure: [{request_range: {key: receipt.key}}],
    },
    isProven: true,
  }
}

/** Without any operation a member answers by itself, also one that the others left behind. */
function majorityReads(namespace: string): {success: object[]; failure: object[]} {
  const read = {request_range: {key: encode(`${namespace}/`), limit: '1', keys_only: true}}
  return {success: [read], failure: [read]}
}

function resultOf(
  answer: Answer,
  receipt: Receipt | undefined,
  receipts: Receipts,
): TransactResult | undefined {
  const {revision} = headerOf(answer)
  const succeeded = answer['succeeded'] === true
  if (receipt === undefined) return {succeeded, revision}
  if (succeeded) {
    receipts.giveBack(receipt, hasPut(answer['responses']) ? revision : receipt.modified)
    return {succeeded, revision}
  }
  if (!isAsKnown(answer, receipt)) {
    // Somebody removed the receipt: nothing is known of the caller's own compares.
    receipts.forget()
    return undefined
  }
  receipts.giveBack(receipt, receipt.modified)
  return {succeeded, revision}
}

/** The one of the receipt is among them, or deep in the conditions of deletes. */
function hasPut(responses: unknown): boolean {
  return arrayOf(responses).some(
    ({response_put: put, response_txn: nested}) =>
      put !== undefined || (nested !== undefined && hasPut(objectOf(nested)['responses'])),
  )
}

async function settled(
  receipts: Receipts,
  receipt: Receipt,
  {id, deadline, outage}: {id: string; deadline: number; outage: Unanswered},
): Promise<TransactResult | undefined> {
  const settlement = await receipts.settle(receipt, id, deadline).catch((error: unknown) => {
    if (error instanceof Unanswered) throw new OutcomeUnknown(joined(outage, error))
    throw error instanceof Refusal ? new OutcomeUnknown(outage) : error
  })
  if (settlement.kind === 'unknown') throw new OutcomeUnknown(outage)
  receipts.giveBack(receipt, receipt.modified)
  if (settlement.kind === 'done') return {succeeded: true, revision: settlement.revision}
  if (performance.now() >= deadline) throw new Unanswered(outage.reasons, false)
  return undefined
}

function joined(first: Unanswered, second: Unanswered): Unanswered {
  return new Unanswered(new Map([...first.reasons, ...second.reasons]), true)
}

function compareOf({key, target, revision}: Compare, namespace: string): object {
  const common = {key: encode(namespace + key), result: 'EQUAL'}
  return target === 'created'
    ? {...common, target: 'CREATE', create_revision: String(revision)}
    : {...common, target: 'MOD', mod_revision: String(revision)}
}

function operationOf(write: Write, namespace: string): object {
  if ('delete' in write) return {request_delete_range: {key: encode(namespace + write.delete)}}
  const {put, value, lease} = write
  const under = lease === undefined ? {} : {lease}
  return {request_put: {key: encode(namespace + put), value: encode(value), ...under}}
}
