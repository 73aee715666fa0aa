import {type Clock} from '../../contracts/clock.js'

const probeMillis = 10_000
const relistMillis = 60_000
/** How long the watch of the routing may take to reach a revision in which a service changed. */
const lagMillis = 5_000
const never = Number.POSITIVE_INFINITY

/** When a sidecar asks whether the catalog is there, and when it reads the whole of it. */
export class LookTimes {
  private relistAtMillis = 0
  private behindAtMillis = never
  private probeAtMillis = 0
  private triedAtMillis = -1

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** `liftAfter`: when something held may be lifted that a list begun at the given time couldn't. */
  listAtMillis(liftAfter: (triedAtMillis: number) => number | undefined): number {
    return Math.min(this.relistAtMillis, this.behindAtMillis, liftAfter(this.triedAtMillis) ?? never)
  }

  get nextProbeAtMillis(): number {
    return this.probeAtMillis
  }

  probed(): void {
    this.probeAtMillis = this.now() + probeMillis * this.jitter()
  }

  listed(begunAtMillis: number): void {
    this.triedAtMillis = begunAtMillis
    this.behindAtMillis = never
    this.relistAtMillis = this.now() + relistMillis * this.jitter()
  }

  /** Only whether it's there again is asked from now on. */
  lost(restMillis: number): void {
    this.probeAtMillis = this.now() + restMillis
  }

  /** It is there again: everything is read after this time, whatever was due meanwhile. */
  back(restMillis: number): void {
    this.triedAtMillis = this.now()
    this.behindAtMillis = never
    this.relistAtMillis = this.now() + restMillis
  }

  listSoon(): void {
    this.relistAtMillis = Math.min(this.relistAtMillis, this.now() + lagMillis)
  }

  /**
   * Whether the routing has nothing of before the newest change of a service is shown by its own watch, or by a list.
   */
  lags(isBehind: boolean): void {
    this.behindAtMillis = isBehind ? Math.min(this.behindAtMillis, this.now() + lagMillis) : never
  }

  private now(): number {
    return this.clock.monotonicMillis()
  }

  private jitter(): number {
    return 0.8 + 0.4 * this.random()
  }
}
