import {type LockBreakReport} from '../lifecycle/locks/break.js'
import {type ListedLock} from '../lifecycle/locks/list.js'
import {paint} from './colors.js'
import {ago, elapsed} from './elapsed.js'
import {safeText} from './safe-text.js'
import {type Cell, table} from './table.js'

export function locksView(locks: readonly ListedLock[], now: Date): string {
  if (locks.length === 0) return 'Nobody holds a lock.'
  const rows = locks.map((listed): Cell[] => {
    const {lock, name} = listed
    const strong = {text: name, style: paint.strong}
    if (lock === undefined) return [strong, badCell(listed), '-', '-', expiry(listed), '-', '-', '-']
    const {ciUrl, holder, host, pid, purpose, since} = lock
    return [
      strong,
      holder,
      `${host}, ${pid}`,
      ago(since, now),
      expiry(listed),
      alive(listed),
      purpose,
      ciUrl ?? '-',
    ]
  })
  const header = ['LOCK', 'HOLDER', 'HOST, PROCESS', 'SINCE', 'EXPIRES', 'PROCESS', 'PURPOSE', 'CI']
  return table(header, rows, paint.dim)
}

export function lockBreakView({dryRun, lock: listed}: LockBreakReport): string {
  const name = paint.strong(safeText(listed.name))
  const holder = listed.lock === undefined ? '' : ` of ${safeText(listed.lock.holder)}`
  if (dryRun) return `Would break the lock ${name}${holder}.`
  return `${paint.good('✓')} The lock ${name}${holder} is broken: what it still writes under it is refused.`
}

/** What a person should know before a lock is broken. */
export function lockSentence({bad, isAlive, lock}: ListedLock, now: Date): string {
  if (lock === undefined) return `The record of this lock can't be trusted (${safeText(bad ?? 'no reason')})`
  const {ciUrl, holder, host, pid, purpose, since} = lock
  const run = ciUrl === undefined ? '' : `, ${ciUrl}`
  const life = isAlive === undefined ? '' : isAlive ? ', which lives' : ', which is gone'
  return safeText(
    `${holder} took it ${ago(since, now)} on ${host} with process ${pid}${life}${run}, to ${purpose}`,
  )
}

function badCell({bad}: ListedLock): Cell {
  return {text: `not to be trusted: ${bad ?? 'no reason'}`, style: paint.bad}
}

function expiry({expiresInMillis}: ListedLock): string {
  return expiresInMillis === undefined ? 'never' : `in ${elapsed(Math.max(0, expiresInMillis))}`
}

function alive({isAlive}: ListedLock): Cell {
  if (isAlive === undefined) return 'elsewhere'
  return isAlive ? {text: 'lives', style: paint.good} : {text: 'gone', style: paint.bad}
}
