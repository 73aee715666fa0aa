// Many sshd processes on the loopback, each with an address, a host key and a key for logins of its own.
import {writeFileSync} from 'node:fs'
import path from 'node:path'

/** What to add to the library for `startSshds`. */
export const sshdParts = `
export {SshRemoteShell} from './src/adapters/shell-ssh/index.js'
export {freePorts} from './test/support/free-port.js'
export {sshdMissing} from './test/support/ssh/missing.js'
export {startSshd} from './test/support/ssh/sshd.js'
`

/**
 * Resolves with the sshds, all on one port; an ssh_config that names them `host-1` … and has OpenSSH use the key exchange
 * that ssh2 uses; one that names none of them; and what ends them. `config` are lines for each sshd.
 */
export async function startSshds(library, count, work, config = []) {
  const sshds = []
  const stop = () => Promise.all(sshds.map((sshd) => sshd.remove()))
  const [port] = await library.freePorts(1)
  try {
    for (let index = 0; index < count; index += 1) {
      const address = `127.1.${Math.floor(index / 200)}.${(index % 200) + 1}`
      sshds.push(await library.startSshd({address, port, config: ['MaxStartups 100:30:200', ...config]}))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const known = path.join(work, 'known_hosts')
  const file = path.join(work, 'ssh_config')
  writeFileSync(known, sshds.map(({hostKeys}, index) => `host-${index + 1} ${hostKeys[0]}\n`).join(''))
  const lines = sshds.flatMap(({address, identityFile, port}, index) => [
    `Host host-${index + 1} ${address}`,
    `HostName ${address}`,
    `Port ${port}`,
    `IdentityFile ${identityFile}`,
    `HostKeyAlias host-${index + 1}`,
  ])
  const shared = ['Host *', `UserKnownHostsFile ${known}`, 'IdentitiesOnly yes', 'BatchMode yes']
  writeFileSync(file, [...lines, ...shared, 'KexAlgorithms curve25519-sha256', ''].join('\n'))
  const configFileForAll = path.join(work, 'ssh_config_for_all')
  writeFileSync(configFileForAll, [...shared, ''].join('\n'))
  return {
    sshds,
    configFile: file,
    configFileForAll,
    names: sshds.map((_, index) => `host-${index + 1}`),
    stop,
  }
}
