import {expect, test} from '@jest/globals'

import CatalogDiff from '../../../src/commands/catalog/diff.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows what the catalog lacks', async () => {
  here.declare('environments:', '  staging:', '    hosts:', '      web-1: {address: 10.0.0.11, zone: a}')

  const {error, stdout} = await runCommand(CatalogDiff, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    [
      `To have what ${here.path}/yard.yaml declares, the catalog needs:`,
      '',
      '  + environment staging  order 1, routing.address 127.0.0.1, routing.header Yard-Service, routing.port 7070',
      '  + host web-1 in staging  address 10.0.0.11, zone a',
      '',
      '2 to add, 0 to change, 0 to remove. Next: yard catalog apply',
      '',
    ].join('\n'),
  )
})

test('names every mistake of the file with its place', async () => {
  here.declare('environments:', '  Staging: {}', '  b:', '    protectd: true')

  const {error} = await runCommand(CatalogDiff, [], here.state)

  expect(error).toMatchObject({code: 'E_PLATFORM_FILE', exitCode: 2})
  expect((error as {why: string}).why).toMatch(
    /yard\.yaml:2:3 .*\n {2}yard\.yaml:4:5 .*did you mean protected\?/,
  )
})

test('without a platform file says how to make one', async () => {
  const {error} = await runCommand(CatalogDiff, [], here.state)

  expect(error).toMatchObject({code: 'E_PLATFORM_FILE', next: ['yard init', expect.anything()]})
})

test('takes the file that was named, and uses the catalog that it names', async () => {
  here.declare('catalog: sqlite:team.db')

  const {stdout} = await runCommand(CatalogDiff, ['--platform', 'yard.yaml', '--json'], here.state)

  expect(JSON.parse(stdout)).toMatchObject({outcome: 'nothing-to-do', changes: []})
})
