import {keys} from '../../catalog/keys.js'
import {type RoutedView} from '../../catalog/routed-view.js'
import {type HostDrain} from '../../domain/environment.js'
import {type Instance} from '../../domain/instance.js'
import {type Binding} from '../../domain/release.js'

/** How many instances of each service the catalog itself gives requests to. */
export class RoutedCount {
  /** Of all services together. */
  inAll = 0
  private readonly counts = new Map<string, number>()
  private drained: ReadonlySet<string> = new Set()

  constructor(
    private readonly view: RoutedView,
    private readonly environment: string,
  ) {}

  of(service: string): number {
    return this.counts.get(service) ?? 0
  }

  set(service: string, count: number): void {
    this.inAll += count - this.of(service)
    if (count === 0) this.counts.delete(service)
    else this.counts.set(service, count)
  }

  /** Counts everything again: a host that is taken out of the traffic or put back touches every service. */
  all(drains: readonly HostDrain[]): void {
    this.drained = new Set(drains.map(({host}) => host))
    this.counts.clear()
    this.inAll = 0
    const bindings = this.view.all('bindings')
    for (const {record} of this.view.all('instances').values()) {
      const binding = bindings.get(keys.binding(this.environment, record.service))?.record
      if (this.isRouted(record, binding)) this.set(record.service, this.of(record.service) + 1)
    }
  }

  /** Whether an instance gets new requests under this binding. */
  isRouted(instance: Instance, binding: Binding | undefined): boolean {
    const {host, port, process, release, state} = instance
    if (process !== 'web' || port === undefined || state !== 'up') return false
    return binding?.active === release && !this.drained.has(host)
  }
}
