import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import RenderEdge from '../../../src/commands/render/edge.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aHost, anEnvironment, aPublicRoute, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const line = ['--env', 'staging', '--haproxy-version', '2.6']

test('is of the first host that faces the outside', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment({
      edge: {httpPort: 8080, redirect: false, maxBodyBytes: 1_024},
    }),
    [keys.host('staging', 'a-1')]: aHost({name: 'a-1'}),
    [keys.host('staging', 'edge-1')]: aHost({name: 'edge-1', edge: true}),
    [keys.service('hello')]: aService(),
    [keys.publicRoute('staging', 'hello.example.org', '/')]: aPublicRoute(),
  })

  const {error, stdout} = await runCommand(RenderEdge, [...line, '--json'], here.state)

  expect(error).toBeUndefined()
  const report = JSON.parse(stdout) as {host: string; files: {name: string; text: string}[]}
  expect(report.host).toBe('edge-1')
  expect(report.files.find(({name}) => name === 'public.map')?.text).toContain('hello.example.org')
  expect((await runCommand(RenderEdge, line, here.state)).stdout).toContain('0.0.0.0:8080')
})

test('is refused where no host faces the outside', async () => {
  await plantRecords(here.state, {[keys.environment('staging')]: anEnvironment()})
  expect((await runCommand(RenderEdge, line, here.state)).error).toMatchObject({code: 'E_USAGE', exitCode: 2})
})
