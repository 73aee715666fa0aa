import {type ConfigValue} from '../domain/config-value.js'
import {type Catalog} from './catalog.js'
import {type BadRecord} from './collection.js'
import {keys} from './keys.js'

export interface ReadConfig {
  /** What all services of the environment get. */
  shared: ConfigValue[]
  /** What one service gets there; empty when no service was asked for. */
  service: ConfigValue[]
  /** Records that can't be trusted; they are left out. */
  bad: BadRecord[]
}

/** The variables that people set for a service in an environment. */
export async function readConfig(
  catalog: Catalog,
  environment: string,
  service: string | undefined,
): Promise<ReadConfig> {
  const shared = await catalog.config.list(keys.config(environment, undefined))
  if (service === undefined) return {shared: shared.records.map(recordOf), service: [], bad: shared.bad}
  const own = await catalog.config.list(keys.config(environment, service))
  return {
    shared: shared.records.map(recordOf),
    service: own.records.map(recordOf),
    bad: [...shared.bad, ...own.bad],
  }
}

function recordOf({record}: {record: ConfigValue}): ConfigValue {
  return record
}
