import {readFile} from 'node:fs/promises'
import path from 'node:path'

import {type Host} from '../domain/environment.js'
import {type HostSetupNeeds} from '../lifecycle/host-setup/needs.js'
import {confirmProtected} from './confirm.js'
import {lockIdentity} from './lock-identity.js'
import {practiceFleetIdentity} from './practice-fleet-identity.js'
import {readInput} from './read-input.js'
import {type Yard} from './yard.js'

/** What making hosts ready takes. `--yes` confirms beforehand. */
export async function hostSetupNeeds(yard: Yard, isConfirmed: boolean): Promise<HostSetupNeeds> {
  return {
    catalog: await yard.catalog(),
    clock: yard.clock,
    report: yard.report,
    signal: yard.signal,
    identity: lockIdentity(yard),
    confirmProtected: (change) => confirmProtected(yard, {...change, isConfirmed}),
    openHost: async (host, {acceptsNewKey, user}) => {
      const [hosts, {SshHostSetup}] = await Promise.all([
        yard.hosts(),
        import('../adapters/host-setup-ssh/index.js'),
      ])
      const shell = await hosts.shell(host, {
        acceptsNewKey,
        user,
        acceptingCommand: `yard host setup ${host.name} --env ${host.environment} --accept-new-host-key`,
      })
      return {
        setup: new SshHostSetup(shell),
        newHostKey: () => shell.newHostKey,
        close: () => shell.close(),
      }
    },
    hostScript: () => readFile(path.join(yard.paths.root, 'templates', 'host', 'yard-host.sh'), 'utf8'),
    configuredUser: await configuredUser(yard),
  }
}

/** Practice hosts are this machine's own: what a team says of its machines is not meant for them. */
export async function configuredUser(yard: Yard): Promise<(host: Host) => string | undefined> {
  const user = (await yard.platform())?.ssh.user
  return (host) => (practiceFleetIdentity(yard.paths, host) === undefined ? user : undefined)
}

const maxKeysBytes = 65_536

/** The lines of files with public keys; `-` is what is piped in. @throws YardError E_USAGE for one that isn't there */
export async function readKeyFiles(yard: Yard, files: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  for (const file of files) lines.push(...(await readInput(yard, file, maxKeysBytes)).split('\n'))
  return lines
}
