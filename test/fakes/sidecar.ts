import {type ServiceNotifier} from '../../src/contracts/service-notifier.js'
import {type DoorPages, type OpenDoor, type SidecarDoor} from '../../src/contracts/sidecar-door.js'
import {type Board} from '../../src/lifecycle/sidecar/agent-board.js'
import {type Agent} from '../../src/domain/instance.js'
import {type SidecarStatus} from '../../src/domain/sidecar-status.js'

/** Remembers what was told. */
export class FakeNotifier implements ServiceNotifier {
  readonly told: string[] = []

  constructor(readonly watchdogMillis: number | undefined) {}

  async ready(status: string): Promise<void> {
    this.told.push(`ready: ${status}`)
  }

  async status(status: string): Promise<void> {
    this.told.push(`status: ${status}`)
  }

  async alive(): Promise<void> {
    this.told.push('alive')
  }

  async stopping(): Promise<void> {
    this.told.push('stopping')
  }
}

/** The doors of one machine. */
export class FakeDoors implements SidecarDoor {
  readonly pages = new Map<number, DoorPages>()
  /** Ports of other programs. */
  readonly taken = new Set<number>()

  async open(port: number, pages: DoorPages): Promise<OpenDoor | undefined> {
    if (this.taken.has(port) || this.pages.has(port)) return undefined
    this.pages.set(port, pages)
    return {close: async () => void this.pages.delete(port)}
  }

  async ask(port: number): Promise<string | undefined> {
    const pages = this.pages.get(port)
    return pages === undefined ? undefined : JSON.stringify(pages.status())
  }
}

/** Remembers every record that was published and differs from the one before; fails while it is away. */
export class FakeBoard implements Board {
  readonly published: Agent[] = []
  renewals = 0
  isCleared = false
  isAway = false

  async publish(records: ReadonlyMap<string, string>): Promise<void> {
    if (this.isAway) throw new Error('the catalog is away')
    for (const value of records.values()) {
      if (value !== JSON.stringify(this.published.at(-1))) this.published.push(JSON.parse(value) as Agent)
    }
  }

  async renew(): Promise<void> {
    if (this.isAway) throw new Error('the catalog is away')
    this.renewals++
  }

  async clear(): Promise<void> {
    if (this.isAway) throw new Error('the catalog is away')
    this.isCleared = true
  }
}

export function aSidecarStatus(changes: Partial<SidecarStatus> = {}): SidecarStatus {
  return {
    version: '0.1.0',
    seenRevision: 1,
    seenAt: '2026-11-20T12:00:00.000Z',
    records: 0,
    reloads: {done: 0, refused: 0, avoided: 0},
    workers: 1,
    suspects: [],
    drift: [],
    isReloadOwed: false,
    ...changes,
  }
}
