import {type Clock} from '../../contracts/clock.js'
import {type Binding} from '../../domain/release.js'
import {type BoundReleases} from './bound-releases.js'

interface FactTellerNeeds {
  clock: Clock
  releases: BoundReleases
  /** Has the facts of the moment told. */
  tell: () => void
  /** Releases could not be read. */
  onFailure: () => void
}

/** Tells new facts once the releases that they name are there: without them health checks would change twice. */
export class FactTeller {
  private withheld = 0

  constructor(private readonly needs: FactTellerNeeds) {}

  /** After some patience tells them all the same, and once more when the releases come. Never throws. */
  async publish(bindings: readonly Binding[], patienceMillis: number): Promise<void> {
    const {clock, onFailure, releases} = this.needs
    if (bindings.some((binding) => releases.isMissing(binding))) {
      const over = new AbortController()
      const fetching = releases.fetch(bindings).catch(onFailure)
      this.withheld += 1
      const patience = clock.sleep(patienceMillis, over.signal).catch(() => undefined)
      await Promise.race([fetching, patience])
      this.withheld -= 1
      over.abort()
      void fetching.then(() => this.tell())
    }
    this.tell()
  }

  tell(): void {
    if (this.withheld === 0) this.needs.tell()
  }
}
