import {describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {confirm, confirmProtected} from '../../src/app/confirm.js'
import {type Yard} from '../../src/app/yard.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {failureOf} from '../fakes/failure-of.js'

const request = {
  purpose: 'break the lock',
  consequence: 'Its holder is stopped',
  name: 'billing',
  isConfirmed: false,
}

describe('a confirmation', () => {
  test('is not needed with --yes', async () => {
    await expect(confirm({...request, isConfirmed: true})).resolves.toBeUndefined()
  })

  test('is never asked for where nobody can answer', async () => {
    const failure = await failureOf(confirm(request))
    expect(failure).toMatchObject({
      code: 'E_NOT_CONFIRMED',
      exitCode: 3,
      what: "Can't break the lock without a confirmation",
      next: ['run the command again with --yes'],
    })
  })
})

describe('a change in an environment', () => {
  const change = {environment: 'production', purpose: 'remove web-1', isConfirmed: false}

  async function yardWith(isProtected: boolean): Promise<Yard> {
    const catalog = new Catalog(new MemoryStore())
    const production = {
      ...localEnvironment(),
      name: 'production',
      kind: 'hosts' as const,
      protected: isProtected,
    }
    const key = keys.environment('production')
    await catalog.commit('', [], [catalog.environments.put(key, production)])
    return {catalog: async () => catalog} as Partial<Yard> as Yard
  }

  test('goes on when the environment is not protected', async () => {
    await expect(confirmProtected(await yardWith(false), change)).resolves.toBeUndefined()
  })

  test('asks when it is protected', async () => {
    const failure = await failureOf(confirmProtected(await yardWith(true), change))
    expect(failure).toMatchObject({code: 'E_NOT_CONFIRMED', why: expect.stringContaining('production')})
  })

  test('goes on when it is protected and confirmed', async () => {
    await expect(
      confirmProtected(await yardWith(true), {...change, isConfirmed: true}),
    ).resolves.toBeUndefined()
  })
})
