/**
 * The rules that every store follows for its keys and values, so that two stores can't differ in them: keys are
 * ordered by the bytes of their UTF-8 form, which is the order of their code points, not of JavaScript's UTF-16.
 */

/** Negative, zero or positive, as `Array.sort` wants it. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return orderOfUnit(a) - orderOfUnit(b)
  }
  return left.length - right.length
}

/**
 * The smallest key that is greater than every key with this prefix; undefined when there is no such key, which
 * means "to the end".
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === lastCodePoint) continue
    return String.fromCodePoint(...points, last === beforeSurrogates ? afterSurrogates : last + 1)
  }
  return undefined
}

type StoreWrite = {put: string; value: string} | {delete: string}

/**
 * Refuses a transaction that not every store takes: too large, or with writes that none keeps.
 * @throws TypeError as `checkStoreWrites` does.
 */
export function checkStoreTransaction(
  compares: readonly unknown[],
  writes: readonly StoreWrite[],
  most: number,
): void {
  const count = Math.max(compares.length, writes.length)
  if (count > most)
    throw new TypeError(`the transaction holds ${count} compares or writes, and at most ${most} may be`)
  checkStoreWrites(writes)
}

/**
 * Refuses what no store can keep byte for byte.
 * @throws TypeError, because only a mistake in yard gets here: what users type is checked long before.
 */
export function checkStoreWrites(writes: readonly StoreWrite[]): void {
  const seen = new Set<string>()
  for (const write of writes) {
    const key = 'put' in write ? write.put : write.delete
    const problem = keyProblem(key) ?? ('put' in write ? textProblem(write.value) : undefined)
    if (problem !== undefined) throw new TypeError(`the write to ${JSON.stringify(key)} ${problem}`)
    if (seen.has(key))
      throw new TypeError(`the key ${JSON.stringify(key)} is written twice in one transaction`)
    seen.add(key)
  }
}

function keyProblem(key: string): string | undefined {
  return key === '' ? 'has no key' : textProblem(key)
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a NUL'
  if (/\p{Surrogate}/u.test(text)) return 'holds half of a character'
  return undefined
}

const lastCodePoint = 0x10_ffff
const beforeSurrogates = 0xd7_ff
const afterSurrogates = 0xe0_00

/** Halves of surrogate pairs stand for code points above all others, although their numbers lie below U+E000. */
function orderOfUnit(unit: number): number {
  return unit > beforeSurrogates && unit < afterSurrogates ? unit + 0x1_00_00 : unit
}
