// Machines to bring releases to: sshd processes on loopback, each with directories of its own. The same keys, key exchange
// and cipher for all who connect.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

const exchange = ['KexAlgorithms curve25519-sha256', 'Ciphers aes128-gcm@openssh.com', 'Compression no']

/** Each has `directory` for what is brought there, and `name` in `sshConfig`, which every rival is given. */
export async function startHosts(library, work, count, hostScript) {
  const sshds = await Promise.all(
    Array.from({length: count}, () => library.startSshd({config: [...exchange, 'LogLevel ERROR']})),
  )
  const [{identityFile}] = sshds
  const listeners = sshds.map(({directory}) => listenerOf(directory))
  const identity = path.join(work, 'identity')
  copyFileSync(identityFile, identity)
  const known = path.join(work, 'known_hosts')
  const config = path.join(work, 'ssh_config')
  const hosts = sshds.map((sshd, index) => {
    const name = `host-${index + 1}`
    writeFileSync(path.join(sshd.directory, 'authorized_keys'), readFileSync(`${identityFile}.pub`))
    appendFileSync(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[0]}\n`)
    appendFileSync(config, `Host ${name}\n  HostName 127.0.0.1\n  Port ${sshd.port}\n`)
    const directory = path.join(work, 'hosts', name)
    return {name, directory, settings: sshd.settings({host: name, identityFile: identity}), sshd, hostScript}
  })
  appendFileSync(config, commonLines({identity, known}))
  return {
    hosts,
    sshConfig: config,
    cpuMillis: () => [process.pid, ...listeners].reduce((sum, pid) => sum + cpuMillisOf(pid), 0),
    async untilQuiet() {
      while (sshds.some((sshd) => sshd.connections().length > 0)) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    stop: () => Promise.all(sshds.map((sshd) => sshd.remove())),
  }
}

/** Empty, but for what yard's setup puts on each. */
export function emptyHosts(hosts) {
  for (const {directory, hostScript} of hosts) {
    rmSync(directory, {recursive: true, force: true})
    for (const place of ['srv/yard', 'var/lib/yard', 'usr/lib/yard']) {
      mkdirSync(path.join(directory, place), {recursive: true})
    }
    copyFileSync(hostScript, path.join(directory, 'usr/lib/yard/yard-host'))
  }
}

/** The process that waits for connections: the first of those with this file of settings. */
function listenerOf(directory) {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
  const own = pids.filter((pid) => read(`/proc/${pid}/cmdline`).includes(`${directory}/sshd_config`))
  return Math.min(...own.map(Number))
}

/** Of a process and of all that it has waited for. */
function cpuMillisOf(pid) {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0)
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function commonLines({identity, known}) {
  return [
    'Host *',
    `  IdentityFile ${identity}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${known}`,
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    ...exchange.map((line) => `  ${line}`),
    '',
  ].join('\n')
}
