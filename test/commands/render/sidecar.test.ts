import {readdirSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import RenderSidecar from '../../../src/commands/render/sidecar.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aHost, anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const line = ['--env', 'staging', '--host', 'web-1']

test('shows the units, each under its name, or writes them to a directory', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.host('staging', 'web-1')]: aHost(),
  })

  const {error, stderr, stdout} = await runCommand(RenderSidecar, line, here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/^# yard-sidecar\.service$/m)
  expect(stderr).toContain('is a file of this machine')
  const written = await runCommand(RenderSidecar, [...line, '--out', 'units'], here.state)
  expect(written.stdout).toContain('Wrote ')
  expect(readdirSync('units').sort()).toEqual([
    'yard-haproxy.path',
    'yard-haproxy.service',
    'yard-sidecar.service',
  ])
})
