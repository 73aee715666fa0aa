import {type CallOptions, type Gateway} from './gateway.js'
import {Refusal} from './refusal.js'
import {BadAnswer, identityOf, integerOf} from './wire.js'

/** Whether a text can be a lease of etcd: a positive 64-bit number. */
export function isLease(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= largestLease
}

const largestLease = 9_223_372_036_854_775_807n

/**
 * etcd counts whole seconds, and makes very short times longer. One that was granted to an answer that got lost runs
 * out by itself, so asking again is harmless.
 */
export async function grantLease(gateway: Gateway, ttlMillis: number, deadline?: number): Promise<string> {
  const seconds = Math.max(1, Math.ceil(ttlMillis / 1_000))
  const answer = await gateway.call('/v3/lease/grant', {TTL: String(seconds)}, repeatable(deadline))
  const lease = identityOf(answer['ID'])
  if (!isLease(lease)) throw new BadAnswer('it sent no lease')
  return lease
}

/** A lease that is gone is answered without a time to live, and no error. */
export async function renewLease(gateway: Gateway, lease: string): Promise<boolean> {
  if (!isLease(lease)) return false
  const answer = await gateway.call('/v3/lease/keepalive', {ID: lease}, repeatable())
  return integerOf(answer['TTL']) > 0
}

export async function revokeLease(gateway: Gateway, lease: string, deadline?: number): Promise<void> {
  if (!isLease(lease)) return
  try {
    await gateway.call('/v3/lease/revoke', {ID: lease}, repeatable(deadline))
  } catch (error) {
    if (!(error instanceof Refusal && error.isLeaseGone)) throw error
  }
}

/** etcd tells whole seconds, and leaves a zero out: its last second. A lease that is gone has -1. */
export async function leaseMillisLeft(gateway: Gateway, lease: string): Promise<number | undefined> {
  if (!isLease(lease)) return undefined
  try {
    const answer = await gateway.call('/v3/lease/timetolive', {ID: lease}, repeatable())
    const seconds = integerOf(answer['TTL'])
    return seconds < 0 ? undefined : seconds * 1_000
  } catch (error) {
    if (error instanceof Refusal && error.isLeaseGone) return undefined
    throw error
  }
}

function repeatable(deadline?: number): CallOptions {
  return deadline === undefined ? {isRepeatable: true} : {isRepeatable: true, deadline}
}
