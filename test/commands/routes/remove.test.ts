import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import RoutesRemove from '../../../src/commands/routes/remove.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anEnvironment, aPublicRoute} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const line = ['hello.example.org', '--env', 'staging']

test('removes a name once; a dry run shows it', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.publicRoute('staging', 'hello.example.org', '/')]: aPublicRoute(),
  })

  const dry = await runCommand(RoutesRemove, [...line, '--dry-run'], here.state)
  expect(dry.stdout).toContain('Would remove hello.example.org from staging, which leads to hello')
  const {error, stdout} = await runCommand(RoutesRemove, line, here.state)
  expect([error, stdout]).toEqual([
    undefined,
    expect.stringContaining('Removed hello.example.org from staging'),
  ])
  expect((await runCommand(RoutesRemove, line, here.state)).error).toMatchObject({
    code: 'E_ROUTE_UNKNOWN',
    exitCode: 2,
  })
})
