import {type Config} from '@oclif/core'
import {expect, test} from '@jest/globals'

import commandNotFound from '../../src/app/command-not-found.js'

const config = {
  commandIDs: ['deploy', 'services:list', 'logs:tail', 'up', 'audit', 'audit:verify'],
} as unknown as Config

async function whyOf(id: string, argv: string[] = []): Promise<unknown> {
  const context = {} as ThisParameterType<typeof commandNotFound>
  return commandNotFound.call(context, {argv, config, context, id} as never).catch((error: unknown) => error)
}

test('names the command that was meant', async () => {
  expect(await whyOf('deplyo')).toMatchObject({code: 'E_COMMAND_UNKNOWN', why: 'did you mean deploy?'})
  expect(await whyOf('service', ['list'])).toMatchObject({why: 'did you mean services list?'})
})

test('suggests nothing when nothing is close', async () => {
  expect(await whyOf('xylophone')).toMatchObject({why: 'nothing close to it exists', next: ['yard --help']})
})

test('makes no command out of two letters, and names the topic whose help to read', async () => {
  expect(await whyOf('-v')).toMatchObject({why: 'nothing close to it exists', next: ['yard --help']})
  expect(await whyOf('services:obliterate', ['x'])).toMatchObject({next: ['yard services --help']})
})

test('says that a command takes no further word', async () => {
  const tooMany = {code: 'E_USAGE', why: 'yard services list takes no "billing" after it'}
  expect(await whyOf('services:list:billing')).toMatchObject({
    ...tooMany,
    next: ['yard services list --help'],
  })
  expect(await whyOf('audit:zzzzzz')).toMatchObject({code: 'E_USAGE', next: ['yard audit --help']})
  expect(await whyOf('audit:verfy')).toMatchObject({why: 'did you mean audit verify?'})
})
