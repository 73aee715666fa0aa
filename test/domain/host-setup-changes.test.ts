import {expect, test} from '@jest/globals'

import {
  authorizedKeysFile,
  haproxyPathUnit,
  packagedHaproxyUnit,
  sudoersFile,
  sudoersText,
  type WantedFile,
} from '../../src/domain/host-setup.js'
import {hostProgram} from '../../src/domain/host-unit.js'
import {setupChanges} from '../../src/domain/host-setup-changes.js'
import {aBareMachine, aReadyMachine} from '../fakes/setup-facts.js'

const files: WantedFile[] = [
  {path: hostProgram, mode: '755', text: '#!/bin/sh\n', check: 'script'},
  {path: sudoersFile, mode: '440', text: sudoersText, check: 'sudoers'},
  {path: '/etc/systemd/system/yard-haproxy.service', mode: '644', text: '[Unit]\n'},
]
const ready = aReadyMachine(files)
const found = (facts = ready, addedKeys = 0) =>
  setupChanges(facts, files, addedKeys).map((change) => `${change.subject} ${change.found}`)

test('a host that is ready needs nothing', () => {
  expect(found()).toEqual([])
})

test('a bare host needs everything, its user first and its units last', () => {
  const changes = setupChanges(aBareMachine(), files, 1)

  expect(changes.map(({step}) => step.kind)).toEqual([
    'account',
    ...Array<string>(6).fill('directory'),
    ...Array<string>(3).fill('file'),
    'reload-units',
    'unit-off',
    'unit-on',
  ])
  expect(changes[0]?.step).toEqual({kind: 'account', isNew: true})
})

test('whose something is comes before who may do what, and that before what is in it', () => {
  const changed = (path: string, change: object) =>
    aReadyMachine(files, {paths: new Map([...ready.paths, [path, {...ready.paths.get(path)!, ...change}]])})

  expect(found(changed('/srv/yard', {owner: 'root', mode: '777'}))).toEqual([
    '/srv/yard belongs to root, not yard',
  ])
  expect(found(changed('/var/lib/yard', {mode: '755'}))).toEqual([
    '/var/lib/yard has the mode 0755, not 0700',
  ])
  expect(found(changed(sudoersFile, {sha256: 'f'.repeat(64)}))).toEqual([
    `${sudoersFile} has another content`,
  ])
  expect(found(changed(sudoersFile, {mode: '4755'}))).toEqual([`${sudoersFile} has the mode 4755, not 0440`])
})

test('a unit that changed, or that systemd has not read, has it read its units', () => {
  const service = '/etc/systemd/system/yard-haproxy.service'
  const paths = new Map([...ready.paths, [service, {...ready.paths.get(service)!, sha256: 'f'.repeat(64)}]])
  expect(found(aReadyMachine(files, {paths}))).toEqual([
    `${service} has another content`,
    "systemd hasn't read its units",
  ])
  const outdated = {isEnabled: false, isActive: true, isOutdated: true}
  const units = new Map([...ready.units, ['yard-haproxy.service', outdated] as const])
  expect(found(aReadyMachine(files, {units}))).toEqual(["systemd hasn't read its units"])
})

test('only missing keys are a difference: what an administrator wrote besides is theirs', () => {
  const keys: WantedFile = {path: authorizedKeysFile, mode: '644', text: 'one'}
  const facts = aReadyMachine([...files, {...keys, text: 'another'}])

  expect(setupChanges(facts, [...files, keys], 0)).toEqual([])
  expect(setupChanges(facts, [...files, keys], 2)).toEqual([
    {subject: authorizedKeysFile, found: 'lacks 2 keys', step: {kind: 'file', ...keys}},
  ])
})

test("the HAProxy of Debian's package is ended while it serves nothing, also when it comes with the package", () => {
  const on = {isEnabled: false, isActive: true, isOutdated: false}
  const units = new Map([...ready.units, [packagedHaproxyUnit, on] as const])
  expect(found(aReadyMachine(files, {units}))).toEqual(['haproxy.service is on and serves nothing'])
  expect(found(aReadyMachine(files, {units, isHaproxyUnused: false}))).toEqual([])

  const programs = new Map([...ready.programs].filter(([name]) => name !== 'haproxy' && name !== 'visudo'))
  expect(setupChanges(aReadyMachine(files, {programs}), files, 0).map(({step}) => step)).toEqual([
    {kind: 'packages', names: ['haproxy', 'sudo']},
    {kind: 'unit-off', unit: packagedHaproxyUnit},
  ])
})

test('a user that differs is told in what', () => {
  const account = {
    ...ready.account!,
    home: '/var/lib/yard',
    shell: '/usr/sbin/nologin',
    password: 'locked' as const,
  }

  expect(found(aReadyMachine(files, {account}))).toEqual([
    'user yard has its home in /var/lib/yard, not /var/lib/yard-deploy, has the shell /usr/sbin/nologin, not /bin/sh, is locked',
  ])
})

test('a unit that is on now and not with the machine, or the other way round, is put on', () => {
  for (const path of [
    {isEnabled: true, isActive: false, isOutdated: false},
    {isEnabled: false, isActive: true, isOutdated: false},
  ]) {
    const units = new Map([...ready.units, [haproxyPathUnit, path] as const])
    expect(found(aReadyMachine(files, {units}))).toEqual(["yard-haproxy.path isn't on"])
  }
})
