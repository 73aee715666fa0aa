import {spawn} from 'node:child_process'
import {closeSync, openSync, readFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

import {YardError} from '../../errors.js'
import {holderOf, mark} from './marks.js'
import {processRows} from './process-rows.js'
import {programVariables} from './programs.js'
import {type FleetSettings} from './settings.js'

/** Where the disk of a host is, in its own namespace of mounts. */
export const rootPlace = '/run/root'

const makingMillis = 30_000
const pollMillis = 15

/** `name` is the only place where a host's name gets into a shell: it's a positional parameter there, like all others. */
export interface HostDisk {
  name: string
  base: string
  megabytes: number
  machineId: string
  keyFile: string
  authorizedKeys: string
}

/**
 * Lines of shell that make the disk of a host: the files of the base, and what is written there over them. The base is
 * named by the working directory, since a path may have characters that mean something among options of a mount.
 */
const diskLines = [
  'mount -t tmpfs -o mode=755,size="$3m" tmpfs /run',
  'mkdir /run/upper /run/work /run/root',
  'cd "$2"',
  'mount -t overlay overlay -o lowerdir=.,upperdir=/run/upper,workdir=/run/work /run/root',
  'cd /run/root',
  'hostname "$1"',
  'echo "$1" > etc/hostname',
  'printf "127.0.0.1\\tlocalhost\\n127.0.1.1\\t%s\\n" "$1" > etc/hosts',
  'echo "$4" > etc/machine-id',
  // There is no way out to the name servers of this machine.
  ': > etc/resolv.conf',
  'install -m 600 "$5" etc/ssh/ssh_host_ed25519_key',
  'install -m 644 "$5.pub" etc/ssh/ssh_host_ed25519_key.pub',
  'install -d -m 700 root/.ssh',
  'install -m 600 "$6" root/.ssh/authorized_keys',
  'cd /',
]

/** Starts what holds the namespaces and the disk of a host, and returns its number. @throws YardError E_FLEET */
export async function makeHostHolder(
  settings: FleetSettings,
  id: string,
  disk: HostDisk,
  log: string,
): Promise<number> {
  const {authorizedKeys, base, keyFile, machineId, megabytes, name} = disk
  const words = [name, base, String(megabytes), machineId, keyFile, authorizedKeys]
  return makeHolder(settings, id, {part: name, lines: ['ip link set lo up', ...diskLines], words, log})
}

/** Starts what holds the network between the hosts, and returns its number. @throws YardError E_FLEET */
export async function makeSwitchHolder(settings: FleetSettings, id: string, log: string): Promise<number> {
  const lines = ['ip link set lo up', 'ip link add bridge type bridge', 'ip link set bridge up']
  return makeHolder(settings, id, {part: switchPart, lines, words: [], log})
}

/** The name of the network among the parts of a fleet. */
export const switchPart = 'switch'

interface HolderPlan {
  part: string
  lines: readonly string[]
  words: readonly string[]
  log: string
}

/**
 * The holder outlives the program that starts it. All that it makes is in namespaces of its own, so that it ends with it:
 * nothing can be left over. What becomes unmounted on the machine is let go here as well.
 */
async function makeHolder(settings: FleetSettings, id: string, plan: HolderPlan): Promise<number> {
  const {lines, log, part, words} = plan
  // The first process is a shell that waits: it takes over orphans, and must reap them when they end.
  const hold = `exec sh -c 'exec >/dev/null 2>&1; sleep infinity & wait' ${mark(id, part, 'holding')}`
  const script = ['set -e', ...lines, 'mount -t proc proc /proc', hold].join('\n')
  const namespaces = [
    '--net',
    '--mount',
    '--pid',
    '--uts',
    '--ipc',
    '--fork',
    '--kill-child',
    '--propagation',
    'slave',
  ]
  const command = ['unshare', ...namespaces, 'sh', '-c', script, mark(id, part, 'making'), ...words]
  const ended = spawnDetached(settings, command, log)
  const deadline = Date.now() + makingMillis
  for (;;) {
    const holder = holderOf(processRows(), id, part)
    if (holder !== undefined) return holder
    if (ended() || Date.now() > deadline) throw cannotMake(part, log)
    await sleep(pollMillis)
  }
}

/** Starts a program that goes on without this one; tells whether it has ended. */
export function spawnDetached(
  settings: Pick<FleetSettings, 'endsWithProgram' | 'variables'>,
  command: readonly string[],
  log: string,
): () => boolean {
  const prefix = settings.endsWithProgram === true ? ['setpriv', '--pdeathsig', 'KILL'] : []
  const [file = '', ...args] = [...prefix, ...command]
  const output = openSync(log, 'w', 0o600)
  const child = spawn(file, args, {
    cwd: '/',
    env: programVariables(settings.variables),
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  let hasEnded = false
  child.once('error', () => (hasEnded = true))
  child.once('exit', () => (hasEnded = true))
  child.unref()
  return () => hasEnded
}

function cannotMake(part: string, log: string): YardError {
  const said = lastLines(log)
  return new YardError('E_FLEET', {
    what:
      part === switchPart ? "Can't make the network of the practice fleet" : `Can't make the disk of ${part}`,
    why: said.at(-1) ?? 'it took too long',
    next: ['yard fleet down   # then up again', 'yard fleet up'],
    details: {lastLines: said},
  })
}

/** What a program wrote last. */
export function lastLines(log: string): string[] {
  try {
    return readFileSync(log, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .slice(-20)
  } catch {
    return []
  }
}
