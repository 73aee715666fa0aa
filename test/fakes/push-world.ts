import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type PushNeeds, type PushTarget} from '../../src/lifecycle/push/needs.js'
import {routingDifference} from '../../src/lifecycle/push/difference.js'
import {type Clock} from '../../src/contracts/clock.js'
import {ManualClock} from './clock.js'
import {FakeHostRouter} from './host-router.js'
import {fakeIdentity} from './identity.js'
import {aBinding, aHost, anEnvironment, anInstance, aService} from './records.js'

/** An environment with hosts whose HAProxy is a fake, one for each host. */
export class PushWorld {
  readonly catalog = new Catalog(new MemoryStore())
  readonly routers = new Map<string, FakeHostRouter>()
  /** Hosts that were asked with the wish to take a new key, and the key they show then. */
  readonly newKeys = new Map<string, string>()
  readonly opened: {host: string; acceptsNewKey: boolean}[] = []
  readonly closed: string[] = []
  readonly asked: string[] = []
  readonly warnings: string[] = []
  readonly interruption = new AbortController()
  openNow = 0
  openMost = 0

  constructor(private readonly clock: Clock = new ManualClock()) {}

  async seed(hosts: number): Promise<void> {
    const instance = anInstance({environment: 'staging', host: 'web-1', address: '10.0.0.1'})
    await this.catalog.commit(
      'seed',
      [],
      [
        this.catalog.environments.put(keys.environment('staging'), anEnvironment()),
        this.catalog.services.put(keys.service('hello'), aService()),
        this.catalog.bindings.put(keys.binding('staging', 'hello'), aBinding()),
        this.catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance),
      ],
    )
    for (let number = 1; number <= hosts; number += 1) {
      const host = aHost({name: `web-${number}`, address: `10.0.0.${number}`})
      await this.catalog.commit('seed', [], [this.catalog.hosts.put(keys.host('staging', host.name), host)])
    }
  }

  router(host: string): FakeHostRouter {
    const router = this.routers.get(host) ?? new FakeHostRouter()
    this.routers.set(host, router)
    return router
  }

  needs(): PushNeeds {
    return {
      catalog: this.catalog,
      clock: this.clock,
      report: (event) => event.kind === 'warning' && this.warnings.push(event.text),
      signal: this.interruption.signal,
      actor: 'ada@laptop',
      identity: fakeIdentity(),
      confirmProtected: async ({purpose}) => void this.asked.push(purpose),
      openHost: async (host, options): Promise<PushTarget> => {
        this.opened.push({host: host.name, ...options})
        this.openNow += 1
        this.openMost = Math.max(this.openMost, this.openNow)
        let isOpen = true
        return {
          router: this.router(host.name),
          difference: async () => routingDifference(undefined, new Map()),
          newHostKey: () => (options.acceptsNewKey ? this.newKeys.get(host.name) : undefined),
          close: async () => {
            if (isOpen) this.openNow -= 1
            isOpen = false
            this.closed.push(host.name)
          },
        }
      },
    }
  }
}
