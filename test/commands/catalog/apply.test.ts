import {expect, test} from '@jest/globals'

import CatalogApply from '../../../src/commands/catalog/apply.js'
import HostsList from '../../../src/commands/hosts/list.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const hostsOf = async () =>
  JSON.parse((await runCommand(HostsList, ['-e', 'prod', '--json'], here.state)).stdout) as unknown[]

test('shows the plan, does it, and has nothing to do then', async () => {
  here.declare('environments: {prod: {protected: true, hosts: {web-1: {address: 10.0.0.11}}}}')

  const {error, stdout} = await runCommand(CatalogApply, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('+ host web-1 in prod')
  expect(stdout).toContain('2 changes are in the catalog')
  expect(await hostsOf()).toMatchObject([{name: 'web-1', declared: true}])
  const again = await runCommand(CatalogApply, ['--json'], here.state)
  expect(JSON.parse(again.stdout)).toMatchObject({outcome: 'nothing-to-do'})
})

test('as a dry run does nothing', async () => {
  here.declare('environments: {prod: {}}')

  const {stdout} = await runCommand(CatalogApply, ['--dry-run', '--json'], here.state)

  expect(JSON.parse(stdout)).toMatchObject({outcome: 'planned', dryRun: true})
  expect((await runCommand(HostsList, ['-e', 'prod'], here.state)).error).toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
    next: [expect.stringContaining('yard catalog apply'), expect.anything()],
  })
})

test('a protected environment loses a host only with --yes where nobody can be asked', async () => {
  here.declare('environments: {prod: {protected: true, hosts: {web-1: {address: 10.0.0.11}}}}')
  await runCommand(CatalogApply, [], here.state)
  here.declare('environments: {prod: {protected: true}}')

  const {error} = await runCommand(CatalogApply, [], here.state)
  expect(error).toMatchObject({code: 'E_NOT_CONFIRMED', exitCode: 3})
  expect(await hostsOf()).toHaveLength(1)

  await runCommand(CatalogApply, ['--yes'], here.state)
  expect(await hostsOf()).toEqual([])
})
