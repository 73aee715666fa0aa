import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import ServicesImport from '../../../src/commands/services/import.js'
import ServicesList from '../../../src/commands/services/list.js'
import ServicesShow from '../../../src/commands/services/show.js'
import {runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

const component = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: billing, description: sends invoices}
spec: {type: service, lifecycle: production, owner: team-billing}
`

function file(text: string): string {
  const place = path.join(state.path, 'catalog-info.yaml')
  writeFileSync(place, text)
  return place
}

test('registers what the file describes, and the other commands show it', async () => {
  const {error, stdout} = await runCommand(ServicesImport, [file(component)], state.path)

  expect(error).toBeUndefined()
  expect(stdout).toContain('+ billing\n')
  expect(stdout).toContain('✓ + 1 added  ~ 0 changed  = 0 unchanged')
  expect((await runCommand(ServicesList, [], state.path)).stdout).toContain('billing  team-billing')
  expect((await runCommand(ServicesShow, ['billing'], state.path)).stdout).toContain('sends invoices')
})

test('as a dry run with --json writes nothing', async () => {
  const {stdout} = await runCommand(ServicesImport, [file(component), '--dry-run', '--json'], state.path)

  expect(JSON.parse(stdout)).toMatchObject({dryRun: true, services: [{name: 'billing', outcome: 'added'}]})
  expect(JSON.parse((await runCommand(ServicesList, ['--json'], state.path)).stdout)).toEqual([])
})

test('refuses a name that is none', async () => {
  const text = component.replace('billing', 'Billing')
  expect((await runCommand(ServicesImport, [file(text)], state.path)).error).toMatchObject({
    code: 'E_IMPORT_FILE',
    why: expect.stringContaining('try billing'),
  })
})
