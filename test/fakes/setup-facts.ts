import {createHash} from 'node:crypto'

import {
  neededPrograms,
  packagedHaproxyUnit,
  wantedDirectories,
  type WantedFile,
} from '../../src/domain/host-setup.js'
import {type FoundPath, type HostSetupFacts} from '../../src/domain/host-setup-facts.js'

export const aKey = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'a'.repeat(43)}`

/** A machine as it comes, with Debian's HAProxy on it. */
export function aBareMachine(changes: Partial<HostSetupFacts> = {}): HostSetupFacts {
  const programs = [...neededPrograms.keys(), 'apt-get', 'node']
  return {
    login: 'root',
    system: {id: 'debian', title: 'Debian GNU/Linux 12 (bookworm)', architecture: 'x86_64'},
    systemdVersion: 252,
    programs: new Map(programs.map((name) => [name, `/usr/sbin/${name}`])),
    versions: new Map([
      ['haproxy', '2.6.12'],
      ['node', '20.19.0'],
    ]),
    paths: new Map(),
    loginKeys: [`${aKey} ada@laptop`],
    accountKeys: [],
    hostKeys: [aKey],
    units: new Map([[packagedHaproxyUnit, {isEnabled: true, isActive: true, isOutdated: false}]]),
    isHaproxyUnused: true,
    disks: [{directory: '/srv', freeBytes: 10_000_000_000, freeInodes: 600_000}],
    clockAheadMillis: 0,
    isTimeSynchronised: true,
    isJournalKept: true,
    isSudoAllowed: false,
    ...changes,
  }
}

/** The same machine once it is ready with these files. */
export function aReadyMachine(
  files: readonly WantedFile[],
  changes: Partial<HostSetupFacts> = {},
): HostSetupFacts {
  const on = {isEnabled: true, isActive: true, isOutdated: false}
  return aBareMachine({
    paths: new Map([...wantedDirectories.map(foundDirectory), ...files.map(foundFile)]),
    account: {uid: 998, home: '/var/lib/yard-deploy', shell: '/bin/sh', password: 'none', groups: ['yard']},
    accountKeys: [`${aKey} ada@laptop`],
    units: new Map([
      [packagedHaproxyUnit, {isEnabled: false, isActive: false, isOutdated: false}],
      ['yard-haproxy.service', {...on, isActive: false}],
      ['yard-haproxy.path', on],
    ]),
    isSudoAllowed: true,
    ...changes,
  })
}

function foundDirectory({mode, owner, path}: (typeof wantedDirectories)[number]): [string, FoundPath] {
  return [path, {kind: 'directory', owner, group: owner, mode}]
}

function foundFile({mode, path, text}: WantedFile): [string, FoundPath] {
  const sha256 = createHash('sha256').update(text).digest('hex')
  return [path, {kind: 'file', owner: 'root', group: 'root', mode, sha256}]
}
