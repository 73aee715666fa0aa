import net from 'node:net'

import {expect, test} from '@jest/globals'

import Up from '../../src/commands/up.js'
import {runCommand} from '../fakes/run-command.js'
import {stateDirectory} from '../fakes/state-directory.js'

const state = stateDirectory()

test('an environment that is unknown comes with the way to make it', async () => {
  const {error} = await runCommand(Up, ['--detach', '--env', 'moon'], state.path)
  const next = ['yard environments add moon', 'yard environments list']
  expect(error).toMatchObject({code: 'E_ENVIRONMENT_UNKNOWN', next})
})

test('says which line installs haproxy before anything is started', async () => {
  process.env['YARD_HAPROXY'] = '/nowhere/haproxy'
  const {error} = await runCommand(Up, ['--detach'], state.path)
  expect(error).toMatchObject({code: 'E_HAPROXY_MISSING'})
})

test('refuses a port that somebody else has, and proposes the next', async () => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as net.AddressInfo

  const {error} = await runCommand(Up, ['--detach', '--port', String(port)], state.path)

  server.close()
  expect(error).toMatchObject({
    code: 'E_PORT_TAKEN',
    next: expect.arrayContaining([`yard up --detach --port ${port + 1}`]),
  })
})

for (const words of [
  ['--port', '70000'],
  ['--port', 'x'],
  ['--detach', '--quiet'],
]) {
  test(`refuses ${words.join(' ')}`, async () => {
    expect((await runCommand(Up, words, state.path)).error).toMatchObject({oclif: {exit: 2}})
  })
}
