import {type Config} from '@oclif/core'
import {expect, test} from '@jest/globals'

import commandNotFound from '../../src/app/command-not-found.js'

const config = {commandIDs: ['deploy', 'services:list', 'logs:tail']} as unknown as Config

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
