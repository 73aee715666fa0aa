import {type StoreEntry} from '../../contracts/store.js'

/** JSON as etcd's gateway writes it: 64-bit numbers are strings, bytes are base64, and zeros are left out. */
export type Answer = Record<string, unknown>

/** What a member answered isn't what etcd answers. */
export class BadAnswer extends Error {}

export interface Header {
  revision: number
  clusterId: string
  memberId: string
}

export interface Event {
  kind: 'put' | 'delete'
  /** Undefined for a key that is no text; such a thing is counted and not shown. */
  entry: StoreEntry | undefined
  modRevision: number
  /** Whether the key was absent before. */
  isNew: boolean
}

/** @throws BadAnswer, as all functions here do. */
export function parseAnswer(text: string): Answer {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    throw new BadAnswer('it sent something that is not JSON')
  }
}

export function objectOf(value: unknown): Answer {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Answer
  throw new BadAnswer('it sent something else than an object')
}

export function arrayOf(value: unknown): Answer[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map(objectOf)
  throw new BadAnswer('it sent something else than an array')
}

/** A whole number that JavaScript can hold exactly; 0 where it was left out. */
export function integerOf(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : (value ?? 0)
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new BadAnswer('it sent a number that yard can not hold')
}

/** A 64-bit number that only needs to be told from others. */
export function identityOf(value: unknown): string {
  if (value === undefined) return '0'
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return value
  throw new BadAnswer('it sent an identity that is no number')
}

export function headerOf(answer: Answer): Header {
  const header = objectOf(answer['header'])
  return {
    revision: integerOf(header['revision']),
    clusterId: identityOf(header['cluster_id']),
    memberId: identityOf(header['member_id']),
  }
}

/** Undefined for a key that is no text, or outside of the namespace. */
export function entryOf(kv: Answer, namespace: string): StoreEntry | undefined {
  const key = keyOf(kv, namespace)
  if (key === undefined) return undefined
  const entry: StoreEntry = {
    key,
    value: bytesOf(kv['value']).toString('utf8'),
    createRevision: integerOf(kv['create_revision']),
    modRevision: integerOf(kv['mod_revision']),
  }
  const lease = identityOf(kv['lease'])
  return lease === '0' ? entry : {...entry, lease}
}

export function eventOf(event: Answer, namespace: string): Event {
  const kv = objectOf(event['kv'])
  const modRevision = integerOf(kv['mod_revision'])
  return {
    kind: event['type'] === 'DELETE' ? 'delete' : 'put',
    entry: entryOf(kv, namespace),
    modRevision,
    isNew: integerOf(kv['create_revision']) === modRevision,
  }
}

export function bytesOf(value: unknown): Buffer {
  if (value === undefined) return Buffer.alloc(0)
  if (typeof value === 'string') return Buffer.from(value, 'base64')
  throw new BadAnswer('it sent bytes that are not base64')
}

export function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** The first and the first-not-any-more key of a prefix. Keys that begin with NUL are yard's own, and left out. */
export function rangeOf(namespace: string, prefix: string): {key: string; range_end: string} {
  const bytes = Buffer.from(namespace + prefix, 'utf8')
  const first = prefix === '' ? Buffer.concat([bytes, Buffer.from([1])]) : bytes
  return {key: first.toString('base64'), range_end: endOf(bytes).toString('base64')}
}

/** UTF-8 has no byte 0xff, so adding one to the last never carries. A single NUL means "to the end". */
function endOf(bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.from([0])
  const end = Buffer.from(bytes)
  end[end.length - 1] = (end.at(-1) ?? 0) + 1
  return end
}

const strictText = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})

function keyOf(kv: Answer, namespace: string): string | undefined {
  try {
    const key = strictText.decode(bytesOf(kv['key']))
    return key.startsWith(namespace) && key !== namespace ? key.slice(namespace.length) : undefined
  } catch (error) {
    if (error instanceof BadAnswer) throw error
    return undefined
  }
}
