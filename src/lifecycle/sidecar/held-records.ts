import {type Stored} from '../../catalog/collection.js'
import {type RoutedKindName} from '../../catalog/routed-kinds.js'

/** When something happened: on the clock that never goes back, for people, and in the catalog. */
export interface Moment {
  atMillis: number
  /** ISO 8601. */
  at: string
  revision: number
}

/** A record that is followed on as it was: it's gone from the catalog, or a binding that leads to nobody now. */
export interface HeldRecord extends Moment {
  kind: RoutedKindName
  key: string
  stored: Stored<unknown>
  /** Who would lose by it. Undefined for what only goes along, such as hosts. */
  service: string | undefined
  /** A public route that vanished with many others: held for itself, whatever becomes of its service. */
  inMass?: boolean | undefined
}

/** As opposed to what only goes along with a loss. */
export function isLoss({inMass, service}: HeldRecord): boolean {
  return service !== undefined || inMass === true
}

/** Held records by key, and by the service that would lose by them. */
export class HeldRecords {
  private readonly byKey = new Map<string, HeldRecord>()
  private readonly byService = new Map<string, Map<string, HeldRecord>>()

  get size(): number {
    return this.byKey.size
  }

  get(key: string): HeldRecord | undefined {
    return this.byKey.get(key)
  }

  all(): HeldRecord[] {
    return [...this.byKey.values()]
  }

  services(): string[] {
    return [...this.byService.keys()]
  }

  ofService(service: string): HeldRecord[] {
    return [...(this.byService.get(service)?.values() ?? [])]
  }

  isHolding(service: string): boolean {
    return this.byService.has(service)
  }

  add(record: HeldRecord): void {
    const {key, service} = record
    this.delete(key)
    this.byKey.set(key, record)
    if (service === undefined) return
    const ofService = this.byService.get(service)
    if (ofService === undefined) this.byService.set(service, new Map([[key, record]]))
    else ofService.set(key, record)
  }

  delete(key: string): boolean {
    const record = this.byKey.get(key)
    if (record === undefined) return false
    this.byKey.delete(key)
    if (record.service === undefined) return true
    const ofService = this.byService.get(record.service)
    ofService?.delete(key)
    if (ofService?.size === 0) this.byService.delete(record.service)
    return true
  }
}
