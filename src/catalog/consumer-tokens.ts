import {type ReleaseSecrets} from '../domain/config-value.js'
import {tokenVariable} from '../domain/consumer.js'
import {type Catalog} from './catalog.js'
import {type BadRecord} from './collection.js'
import {keys} from './keys.js'

export interface ConsumerTokens {
  /** By variable name, sealed. */
  secrets: ReleaseSecrets
  /** Records that can't be trusted; they are left out. */
  bad: BadRecord[]
}

/** The tokens that a service shows to those it may call. */
export async function readConsumerTokens(catalog: Catalog, consumer: string): Promise<ConsumerTokens> {
  const {bad, records} = await catalog.consumers.list(keys.consumers)
  const own = records.map(({record}) => record).filter((pair) => pair.consumer === consumer)
  return {
    secrets: Object.fromEntries(
      own.map(({service, token}) => [tokenVariable(service), {kind: 'sealed' as const, sealed: token}]),
    ),
    bad: bad.filter(({key}) => key.endsWith(`/${consumer}`)),
  }
}
