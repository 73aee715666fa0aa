import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {tmpdir, userInfo} from 'node:os'
import path from 'node:path'

import {freePorts} from '../free-port.js'
import {findSshd} from '../../../scripts/bootstrap/sshd.mjs'
import {type RemoteShellSettings} from '../../../src/adapters/shell-ssh/index.js'

export interface SshdOptions {
  /** Of the loopback: several "hosts" are several of these. */
  address?: string
  /** A free one unless given. */
  port?: number
  /** Lines for sshd_config, before the usual ones: the first of two wins. */
  config?: readonly string[]
  /** A script that gets the command line in `SSH_ORIGINAL_COMMAND`, in place of the login shell. */
  loginShell?: string
  /** Types of host keys, such as `rsa`; only `ed25519` unless given. */
  keyTypes?: readonly string[]
}

/** A real sshd of one test, for the current user, with keys of its own. */
export interface Sshd {
  readonly directory: string
  readonly address: string
  readonly port: number
  /** Each as in `ssh-ed25519 AAAA…`. */
  readonly hostKeys: string[]
  /** The private key that it lets in. */
  readonly identityFile: string
  /** Everything that it takes to get in; the user's own settings of ssh are left out. */
  settings(changes?: Partial<RemoteShellSettings>): RemoteShellSettings
  start(): Promise<void>
  /** SIGKILL, to the connections as well. */
  kill(): Promise<void>
  /** The process that takes connections. */
  listener(): number
  /** The processes that serve connections. */
  connections(): number[]
  makeHostKeys(types: readonly string[]): void
  log(): string
  remove(): Promise<void>
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const {address = '127.0.0.1', keyTypes = ['ed25519']} = options
  const directory = mkdtempSync(path.join(tmpdir(), 'yard-sshd-'))
  const port = options.port ?? (await freePorts(1))[0] ?? 0
  const identityFile = path.join(directory, 'id')
  const hostKeys: string[] = []
  let types: readonly string[] = []
  let child: ChildProcess | undefined
  let log = ''
  makeKey('ed25519', identityFile)
  writeFileSync(path.join(directory, 'authorized_keys'), readFileSync(`${identityFile}.pub`), {mode: 0o600})

  const sshd: Sshd = {
    directory,
    address,
    port,
    hostKeys,
    identityFile,
    settings: (changes = {}) => ({
      host: 'web-1',
      address,
      port,
      user: userInfo().username,
      identityFile,
      pinnedKeys: hostKeys,
      acceptsNewKey: false,
      homeDirectory: directory,
      localUser: userInfo().username,
      configFile: 'none',
      ...changes,
    }),
    async start() {
      const config = path.join(directory, 'sshd_config')
      writeFileSync(config, configText({directory, address, port, types, options}))
      // Where a service would make it at boot.
      if (process.getuid?.() === 0) mkdirSync('/run/sshd', {recursive: true, mode: 0o755})
      child = spawn(findSshd()!, ['-D', '-e', '-f', config], {stdio: ['ignore', 'ignore', 'pipe']})
      child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()))
      await untilListening(address, port, () => log)
    },
    async kill() {
      const pid = child?.pid
      if (child === undefined || pid === undefined || child.exitCode !== null || child.signalCode !== null)
        return
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      const sessions = sshd.connections()
      child.kill('SIGKILL')
      for (const session of sessions) killQuietly(session)
      await ended
    },
    listener: () => child!.pid!,
    connections: () => (child?.pid === undefined ? [] : descendants(child.pid, 'sshd')),
    makeHostKeys(wanted) {
      types = wanted
      hostKeys.length = 0
      for (const type of wanted) {
        const file = path.join(directory, `host_${type}`)
        rmSync(file, {force: true})
        makeKey(type, file)
        hostKeys.push(readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim())
      }
    },
    log: () => log,
    async remove() {
      await sshd.kill()
      rmSync(directory, {recursive: true, force: true})
    },
  }
  sshd.makeHostKeys(keyTypes)
  await sshd.start()
  return sshd
}

interface ConfigParts {
  directory: string
  address: string
  port: number
  types: readonly string[]
  options: SshdOptions
}

function configText({address, directory, options, port, types}: ConfigParts): string {
  const shell = path.join(directory, 'login-shell')
  if (options.loginShell !== undefined) writeFileSync(shell, options.loginShell, {mode: 0o755})
  return [
    ...(options.config ?? []),
    `ListenAddress ${address}:${port}`,
    ...types.map((type) => `HostKey ${path.join(directory, `host_${type}`)}`),
    `AuthorizedKeysFile ${path.join(directory, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'PrintMotd no',
    // bash takes itself for started by another shell then, and leaves out the start files of whoever runs the tests.
    'SetEnv SHLVL=5',
    ...(options.loginShell === undefined ? [] : [`ForceCommand ${shell}`]),
    '',
  ].join('\n')
}

export function makeKey(type: string, file: string, passphrase = ''): void {
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', file])
}

async function untilListening(address: string, port: number, log: () => string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await canConnect(address, port))) {
    if (Date.now() > deadline) throw new Error(`sshd does not listen: ${log()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function canConnect(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

/** Processes below this one whose name begins so. */
function descendants(pid: number, name: string): number[] {
  const parents = new Map<number, number[]>()
  for (const entry of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const stat = readQuietly(`/proc/${entry}/stat`)
    const [, command = '', parent = ''] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat) ?? []
    if (!command.startsWith(name)) continue
    parents.set(Number(parent), [...(parents.get(Number(parent)) ?? []), Number(entry)])
  }
  const below = (one: number): number[] =>
    (parents.get(one) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
