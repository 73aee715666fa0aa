import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import SidecarStatus from '../../../src/commands/sidecar/status.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aHost, anAgent, anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {aSidecarStatus} from '../../fakes/sidecar.js'

const here = new DirectoryHere()
const staging = {
  [keys.environment('staging')]: anEnvironment(),
  [keys.host('staging', 'web-1')]: aHost(),
}

test('a host that follows is well; one without a sidecar ends the command with 1', async () => {
  const before = process.exitCode
  await plantRecords(here.state, {
    ...staging,
    [keys.agent('staging', 'web-1')]: anAgent({sidecar: aSidecarStatus()}),
  })
  const well = await runCommand(SidecarStatus, ['--env', 'staging', '--json'], here.state)
  expect([well.error, process.exitCode]).toEqual([undefined, before])
  expect(JSON.parse(well.stdout)).toMatchObject({isWell: true, hosts: [{host: 'web-1', state: 'follows'}]})

  await plantRecords(here.state, {
    [keys.host('staging', 'web-2')]: aHost({name: 'web-2', address: '10.0.0.12'}),
  })
  const {stdout} = await runCommand(SidecarStatus, ['--env', 'staging'], here.state)
  expect(stdout).toContain('nobody keeps its HAProxy right: yard sidecar run --env staging --host web-2')
  expect(process.exitCode).toBe(1)
  process.exitCode = before
})

test('a host that holds back a loss ends the command with 1', async () => {
  const before = process.exitCode
  const sidecar = aSidecarStatus({suspects: ['billing: all 3 instances vanished']})
  await plantRecords(here.state, {...staging, [keys.agent('staging', 'web-1')]: anAgent({sidecar})})
  const {stdout} = await runCommand(SidecarStatus, ['--env', 'staging', '--json'], here.state)
  expect(JSON.parse(stdout)).toMatchObject({isWell: false, hosts: [{state: 'holds'}]})
  expect(process.exitCode).toBe(1)
  process.exitCode = before
})

test('an environment that is not there is named', async () => {
  const {error} = await runCommand(SidecarStatus, ['--env', 'nowhere'], here.state)
  expect(error).toMatchObject({code: 'E_ENVIRONMENT_UNKNOWN'})
})

test('--here asks this machine, and says when no sidecar is there', async () => {
  const {error} = await runCommand(
    SidecarStatus,
    ['--env', 'staging', '--here', '--door-port', '1'],
    here.state,
  )
  expect(error).toMatchObject({code: 'E_SIDECAR', why: 'none answers on 127.0.0.1:1'})
})
