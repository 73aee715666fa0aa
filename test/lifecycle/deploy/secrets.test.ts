import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {Secret} from '../../../src/domain/secret.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {aConfigValue} from '../../fakes/config.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fleetRequest as request, liveFleet} from '../../fakes/live-fleet.js'
import {fakeSealed} from '../../fakes/secret-box.js'

const canary = 'CANARY-7f3a91'
/** Lines of it end where a line of a log does, and tabs are shown as blanks. */
const key = `{\n\t"key": "${canary}",\n\t"more":\t"${canary}"\n}`
/** Where a line is cut for showing, in the middle of the secret. */
const untilCut = 'x'.repeat(490)

test.each([
  ['one line', canary, [`the key ${canary} is refused`], ['the key *** is refused']],
  ['several lines', key, ['the key is', ...key.split('\n')], ['the key is', '{', ' ***', ' ***', '}']],
  ['one line that is cut', canary, [`${untilCut}  ${canary}`], [`${untilCut}  ***`]],
])(
  'D11 a secret that a service writes to its log is in no error, no event and no record: %s',
  async (_title, secret, lines, shown) => {
    const world = await liveFleet(2)
    const content = {kind: 'sealed' as const, sealed: fakeSealed('x')}
    const value = {...aConfigValue({name: 'KEY', content}), environment: 'staging', service: 'hello'}
    await world.catalog.commit(
      'set',
      [],
      [world.catalog.config.put(keys.configValue('staging', 'hello', 'KEY'), value)],
    )
    world.behave(2, {status: 500, lines})
    let times = 0
    const openSecrets = async () => {
      times++
      return {KEY: new Secret(secret)}
    }

    const error = await failureOf(deploy(world.needs({openSecrets}), request))

    expect(times).toBe(1)
    expect(error.details?.['lastLines']).toEqual(shown)
    const kept = await world.catalog.store.range('/')
    expect(JSON.stringify([error, error.details, world.events, kept])).not.toContain(canary)
  },
)
