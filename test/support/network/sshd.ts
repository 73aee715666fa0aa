import {readFileSync, writeFileSync} from 'node:fs'

import {findSshd} from '../../../scripts/bootstrap/sshd.mjs'
import {makeKey} from '../ssh/sshd.js'
import {type NetworkHost, type StartedProgram} from './host.js'

const directory = '/run/sshd'

/** Has a host take logins over SSH on port 22, of whoever has the key whose public half is given. */
export async function startSshdOn(host: NetworkHost, publicKey: string): Promise<StartedProgram> {
  makeKey('ed25519', host.path(`${directory}/host_key`))
  writeFileSync(host.path(`${directory}/authorized_keys`), publicKey, {mode: 0o600})
  const lines = [
    `ListenAddress ${host.address}:22`,
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
  ]
  writeFileSync(host.path(`${directory}/config`), `${lines.join('\n')}\n`)
  const program = host.start(findSshd()!, ['-D', '-e', '-f', `${directory}/config`])
  const deadline = Date.now() + 15_000
  while (!program.output().includes('Server listening')) {
    if (Date.now() > deadline) throw new Error(`sshd does not listen: ${program.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return program
}

/** A new key in a file of a host; returns its public half. */
export function makeIdentity(host: NetworkHost, file: string): string {
  makeKey('ed25519', host.path(file))
  return readFileSync(host.path(`${file}.pub`), 'utf8')
}
