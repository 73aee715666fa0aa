import {maxTransactionWrites, type Store, type Write} from '../../contracts/store.js'

/**
 * What a host tells of itself: records under one lease, written when they change, gone when the host is. A lost
 * lease is taken anew with everything that was on the board.
 */
export class LeasedBoard {
  private lease: string | undefined
  private readonly published = new Map<string, string>()

  constructor(
    private readonly store: Store,
    private readonly ttlMillis: number,
  ) {}

  /** Makes the board hold exactly these records, writing only what differs. */
  async publish(records: ReadonlyMap<string, string>): Promise<void> {
    const lease = (this.lease ??= await this.store.grantLease(this.ttlMillis))
    const writes: Write[] = []
    for (const [key, value] of records) {
      if (this.published.get(key) !== value) writes.push({put: key, value, lease})
    }
    for (const key of this.published.keys()) {
      if (!records.has(key)) writes.push({delete: key})
    }
    for (let start = 0; start < writes.length; start += maxTransactionWrites) {
      const some = writes.slice(start, start + maxTransactionWrites)
      const {succeeded} = await this.write(some)
      if (!succeeded) return this.publish(records)
      this.remember(some)
    }
  }

  async renew(): Promise<void> {
    if (this.lease === undefined || (await this.store.renewLease(this.lease))) return
    const records = new Map(this.published)
    this.forget()
    await this.publish(records)
  }

  async clear(): Promise<void> {
    if (this.lease !== undefined) await this.store.revokeLease(this.lease)
    this.forget()
  }

  private async write(writes: readonly Write[]): Promise<{succeeded: boolean}> {
    try {
      const result = await this.store.transact([], writes)
      if (!result.succeeded) this.forget()
      return result
    } catch (error) {
      this.forget()
      throw error
    }
  }

  private remember(writes: readonly Write[]): void {
    for (const write of writes) {
      if ('put' in write) this.published.set(write.put, write.value)
      else this.published.delete(write.delete)
    }
  }

  /** The next publish takes a new lease and writes everything. */
  private forget(): void {
    this.lease = undefined
    this.published.clear()
  }
}
