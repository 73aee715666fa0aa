import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {type ConfigContent, type ConfigValue} from '../../src/domain/config-value.js'
import {ManualClock} from './clock.js'
import {aBinding, aService} from './records.js'
import {fakeSealed} from './secret-box.js'

/** A catalog with the services `hello` (r5 is live in local) and `billing`, and the environment `staging`. */
export class ConfigWorld {
  readonly catalog = new Catalog(new MemoryStore())
  readonly clock = new ManualClock()
  readonly events: YardEvent[] = []
  readonly report = (event: YardEvent) => void this.events.push(event)
  readonly actor = 'ada@laptop'

  async open(): Promise<this> {
    const {catalog} = this
    const router = {address: '127.0.0.1', port: 7070, header: 'Yard-Service'}
    await catalog.commit(
      'seed',
      [],
      [
        catalog.services.put(keys.service('hello'), aService()),
        catalog.services.put(keys.service('billing'), aService({name: 'billing'})),
        catalog.environments.put(keys.environment('staging'), {v: 1, name: 'staging', kind: 'hosts', router}),
        catalog.bindings.put(keys.binding('local', 'hello'), aBinding({active: 5})),
      ],
    )
    return this
  }

  /** Sets variables past the rules of the command. */
  async plant(
    service: string | undefined,
    values: Record<string, string>,
    environment = 'local',
  ): Promise<void> {
    const writes = Object.entries(values).map(([name, value]) => {
      const record = aConfigValue({name, environment, content: contentOf(value)})
      const key = keys.configValue(environment, service, name)
      return this.catalog.config.put(key, service === undefined ? record : {...record, service})
    })
    await this.catalog.commit('plant', [], writes)
  }

  async values(service: string | undefined, environment = 'local'): Promise<Record<string, ConfigContent>> {
    const {records} = await this.catalog.config.list(keys.config(environment, service))
    return Object.fromEntries(records.map(({record}) => [record.name, record.content]))
  }
}

export function aConfigValue(changes: Partial<ConfigValue> = {}): ConfigValue {
  return {
    v: 1,
    name: 'LOG_LEVEL',
    environment: 'local',
    content: {kind: 'plain', value: 'debug'},
    setBy: 'ada@laptop',
    setAt: '2026-11-20T12:00:00.000Z',
    ...changes,
  }
}

/** `sealed:` before a text seals it, and a reference is one. */
function contentOf(value: string): ConfigContent {
  if (value.startsWith('secret://')) return {kind: 'reference', reference: value}
  if (value.startsWith('sealed:')) return {kind: 'sealed', sealed: fakeSealed(value.slice('sealed:'.length))}
  return {kind: 'plain', value}
}
