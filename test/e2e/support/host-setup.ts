import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach} from '@jest/globals'

import {openSqliteStore} from '../../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import HostSetup from '../../../src/commands/host/setup.js'
import {type Host} from '../../../src/domain/environment.js'
import {type YardError} from '../../../src/errors.js'
import {type HostSetupReport, type SetUpHost} from '../../../src/lifecycle/host-setup/needs.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {failureOf} from '../../fakes/failure-of.js'
import {plantRecords, type Ran, runCommand} from '../../fakes/run-command.js'
import {
  describeOnPracticeFleet,
  type PracticeHost,
  type TestFleet,
} from '../../support/practice-fleet/index.js'

export const setupEnvironment = 'staging'

/** What the catalog says of the host. */
export async function recordOf(state: string, {name}: PracticeHost): Promise<Host> {
  const catalog = new Catalog(await openSqliteStore({file: path.join(state, 'catalog.db')}))
  const stored = await catalog.hosts.get(keys.host(setupEnvironment, name))
  await catalog.store.close()
  return stored!.record
}

/** One host, bare again for each test, that the catalog of a directory of its own knows. */
export interface BareDebian {
  here: DirectoryHere
  fleet: () => TestFleet
  web: () => PracticeHost
  /** `yard host setup` of it with these flags. @throws what the command throws */
  setup: (...flags: string[]) => Promise<Setup>
  /** The error that it ends with. */
  refusal: (...flags: string[]) => Promise<YardError>
}

export function describeOnBareDebian(title: string, tests: (bare: BareDebian) => void): void {
  describeOnPracticeFleet(title, {hosts: 1}, (fleet) => {
    const here = new DirectoryHere()
    const web = (): PracticeHost => fleet().hosts[0]!
    const setup = (...flags: string[]) => setUp(here.state, [web().name, ...flags])

    beforeEach(async () => {
      await Promise.all([fleet().resetAll(), plantRecords(here.state, fleet().records(setupEnvironment))])
      writePlatform(fleet(), here.state)
    })

    afterEach(() => {
      process.exitCode = 0
    })

    tests({here, fleet, web, setup, refusal: (...flags) => failureOf(setup(...flags))})
  })
}

export interface Setup {
  code: number | string | undefined
  ran: Ran
  report: HostSetupReport
  host: SetUpHost | undefined
}

/** Where the hosts are logged in to with the key of the fleet. */
export function writePlatform(fleet: TestFleet, state: string, more = ''): void {
  writeFileSync(path.join(state, 'yard.yaml'), `ssh:\n  identityFile: ${fleet.identityFile}\n  ${more}\n`)
}

/** `yard host setup` with these words, in this program. @throws what the command throws */
async function setUp(state: string, words: string[]): Promise<Setup> {
  const ran = await onFleet(HostSetup, state, words)
  const report = JSON.parse(ran.stdout) as HostSetupReport
  return {code: process.exitCode, ran, report, host: report.hosts[0]}
}

/** Any command, in the environment of the hosts. @throws what the command throws */
export async function onFleet(
  which: unknown,
  state: string,
  words: string[],
  environment = setupEnvironment,
): Promise<Ran> {
  process.exitCode = 0
  const argv = [...words, '--env', environment, '--platform', path.join(state, 'yard.yaml'), '--json']
  const ran = await runCommand(which, argv, state)
  if (ran.error !== undefined) throw ran.error as Error
  return ran
}

/** All files but those of the moment, with what they are, whose, and what is in them. */
export async function listing(host: PracticeHost): Promise<string[]> {
  const places =
    '/etc /usr/lib/yard /usr/lib/systemd /var/lib/yard /var/lib/yard-deploy /srv /run/yard /root /home'
  const shown = "-printf '%p %y %m %u %g %l %T@\\n'"
  const text = await host.sh(
    `find ${places} ${shown} 2> /dev/null || true`,
    `find ${places} -type f -exec sha256sum '{}' + 2> /dev/null || true`,
  )
  return text.split('\n').sort()
}

/** Somebody who may log in with the key of the fleet, with a line of sudoers. */
export async function addUser(host: PracticeHost, name: string, rule: string): Promise<void> {
  await host.sh(
    `useradd --create-home --shell /bin/bash --password '*' ${name}`,
    `mkdir -m 700 /home/${name}/.ssh`,
    `cp /root/.ssh/authorized_keys /home/${name}/.ssh/`,
    `chown -R ${name}: /home/${name}/.ssh`,
    `echo '${rule}' > /etc/sudoers.d/${name}`,
    `chmod 440 /etc/sudoers.d/${name}`,
  )
}
