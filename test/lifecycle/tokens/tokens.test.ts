import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {createToken, type TokenCreateRequest} from '../../../src/lifecycle/tokens/create.js'
import {listTokens} from '../../../src/lifecycle/tokens/list.js'
import {revokeToken} from '../../../src/lifecycle/tokens/revoke.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'

function world() {
  const clock = new ManualClock()
  let filled = 0
  const needs = {
    catalog: new Catalog(new MemoryStore()),
    clock,
    report: () => undefined,
    randomBytes: (count: number) => new Uint8Array(count).fill((filled += 1)),
    actor: 'ana@laptop',
  }
  const create = (changes: Partial<TokenCreateRequest> = {}) =>
    createToken(needs, {name: 'ci', role: 'deployer', expires: undefined, dryRun: false, ...changes})
  return {clock, create, needs}
}

test('a name is free again once its token was revoked or expired', async () => {
  const {clock, create, needs} = world()
  await create()
  expect((await failureOf(create())).code).toBe('E_TARGET_EXISTS')
  await revokeToken(needs, {token: 'ci', dryRun: false})
  await create({expires: '1h'})
  expect((await failureOf(create())).code).toBe('E_TARGET_EXISTS')
  await clock.advance(3_600_000)
  await create({role: 'reader'})

  const listed = await listTokens(needs)
  expect(listed.map(({role, state}) => [role, state])).toEqual([
    ['reader', 'usable'],
    ['deployer', 'revoked'],
    ['deployer', 'expired'],
  ])
  expect(JSON.stringify(listed)).not.toContain('digest')
})

test.each(['', '90', 'tomorrow', '0d', '-1d', '200000d'])(
  '%j is no time until a token expires',
  async (expires) => {
    const {create, needs} = world()

    expect((await failureOf(create({expires}))).code).toBe('E_USAGE')
    expect((await needs.catalog.store.range('')).entries).toEqual([])
  },
)

test('a name that no token may have is refused', async () => {
  const {create} = world()

  expect(await failureOf(create({name: 'My CI'}))).toMatchObject({
    code: 'E_NAME_INVALID',
    next: ['try my-ci'],
  })
})

test('two tokens that were made under one name at the same moment are revoked together', async () => {
  const {create, needs} = world()
  const [first, second] = [await create(), await create({name: 'other'})]
  const stored = (await needs.catalog.tokens.get(keys.token(second.id)))!
  const write = needs.catalog.tokens.put(keys.token(second.id), {...stored.record, name: 'ci'})
  await needs.catalog.store.transact([], [write])
  const revoked = await revokeToken(needs, {token: 'ci', dryRun: false})

  expect(new Set(revoked.ids)).toEqual(new Set([first.id, second.id]))
  expect((await listTokens(needs)).map(({state}) => state)).toEqual(['revoked', 'revoked'])
})

test('a token is revoked by its id, too', async () => {
  const {create, needs} = world()
  const {id} = await create()

  expect(await revokeToken(needs, {token: id, dryRun: false})).toMatchObject({name: 'ci', wasRevoked: false})
})
