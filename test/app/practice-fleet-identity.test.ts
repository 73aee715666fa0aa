import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import {practiceFleetIdentity} from '../../src/app/practice-fleet-identity.js'
import {stateDirectory} from '../fakes/state-directory.js'

const state = stateDirectory()
const host = {environment: 'practice', name: 'fleet-1', address: '10.213.7.11'}

function remember(text: string): void {
  mkdirSync(path.join(state.path, 'fleet'), {recursive: true})
  writeFileSync(path.join(state.path, 'fleet', 'fleet.json'), text)
}

test('a host of the practice fleet is logged in to as root with its key', () => {
  remember('{"v": 1, "environment": "practice", "subnet": "10.213.7", "hosts": 1}')
  expect(practiceFleetIdentity({state: state.path}, host)).toEqual({
    user: 'root',
    identityFile: path.join(state.path, 'fleet', 'id_ed25519'),
  })
})

test('its key is given to no other machine', () => {
  remember('{"v": 1, "environment": "practice", "subnet": "10.213.7", "hosts": 1}')
  for (const change of [{environment: 'staging'}, {name: 'fleet-2'}, {name: 'web-1'}, {address: '10.0.0.1'}])
    expect(practiceFleetIdentity({state: state.path}, {...host, ...change})).toBeUndefined()
})

test('without a fleet, or with a file that can not be trusted, there is none', () => {
  expect(practiceFleetIdentity({state: state.path}, host)).toBeUndefined()
  for (const text of [
    '',
    'nonsense',
    '{}',
    '{"v": 2, "environment": "practice", "subnet": "10.213.7", "hosts": 1}',
  ]) {
    remember(text)
    expect(practiceFleetIdentity({state: state.path}, host)).toBeUndefined()
  }
})
