import {type StoreChange} from '../../contracts/store.js'

/** Keys in which a list differed from what the watches had brought, and until when they may still bring it. */
export class UnconfirmedKeys {
  private readonly deadlines = new Map<string, number>()

  note(keys: readonly string[], deadlineMillis: number): void {
    for (const key of keys) this.deadlines.set(key, deadlineMillis)
  }

  /** A watch brought these. */
  confirm(changes: readonly StoreChange[]): void {
    for (const change of changes) this.deadlines.delete(change.kind === 'put' ? change.entry.key : change.key)
  }

  /** How many the watches missed. */
  missed(nowMillis: number): number {
    let count = 0
    for (const deadline of this.deadlines.values()) if (deadline <= nowMillis) count += 1
    return count
  }

  clear(): void {
    this.deadlines.clear()
  }
}
