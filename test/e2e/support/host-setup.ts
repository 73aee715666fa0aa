import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {openSqliteStore} from '../../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import HostSetup from '../../../src/commands/host/setup.js'
import {type Host} from '../../../src/domain/environment.js'
import {type YardError} from '../../../src/errors.js'
import {type HostSetupReport, type SetUpHost} from '../../../src/lifecycle/host-setup/needs.js'
import {failureOf} from '../../fakes/failure-of.js'
import {type Ran, runCommand} from '../../fakes/run-command.js'
import {type PracticeHost, type TestFleet} from '../../support/practice-fleet/index.js'

export const setupEnvironment = 'staging'

/** What the catalog says of the host. */
export async function recordOf(state: string, {name}: PracticeHost): Promise<Host> {
  const catalog = new Catalog(await openSqliteStore({file: path.join(state, 'catalog.db')}))
  const stored = await catalog.hosts.get(keys.host(setupEnvironment, name))
  await catalog.store.close()
  return stored!.record
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
export async function setUp(state: string, words: string[]): Promise<Setup> {
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

/** The error that the command ends with. */
export async function refusalOf(state: string, words: string[]): Promise<YardError> {
  return failureOf(setUp(state, words))
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
