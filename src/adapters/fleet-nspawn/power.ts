import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

import {YardError} from '../../errors.js'
import {cgroupDirectories, hasUnifiedCgroups} from './cgroups.js'
import {lastLines, rootPlace, spawnDetached} from './holder.js'
import {leaderOf, mark, powerOf} from './marks.js'
import {processRows} from './process-rows.js'
import {findProgram, runProgram} from './programs.js'
import {type FleetSettings} from './settings.js'

/** What systemd-nspawn ends with when the machine inside wants to start again. */
const wantsReboot = 133
const bootMillis = 90_000
const pollMillis = 50
const nodePlace = '/usr/local/bin/node'

/** Into the namespaces of the host itself, not only of what holds them. */
const insideWords = ['--net', '--mount', '--pid', '--uts', '--ipc', '--cgroup']

/**
 * Starts a host: systemd-nspawn in the namespaces of its holder, again and again as long as the host reboots. It has the
 * network of the holder as its own.
 * @throws YardError E_FLEET
 */
export async function switchOn(
  settings: FleetSettings,
  {holder, id, log, name}: {id: string; name: string; holder: number; log: string},
): Promise<void> {
  const cgroups = cgroupDirectories(id, name).flatMap((directory) => [
    `mkdir -p '${directory}'`,
    `echo 0 > '${directory}/cgroup.procs'`,
  ])
  const once = ['set -e', ...cgroups, 'exec "$@"'].join('\n')
  const loop = [
    'once=$1; shift',
    'while :; do',
    '  sh -c "$once" sh "$@"',
    `  [ $? = ${wantsReboot} ] || exit`,
    'done',
  ].join('\n')
  const network = '--network-namespace-path=/proc/self/ns/net'
  const nspawn = findProgram(settings.variables, 'systemd-nspawn') ?? 'systemd-nspawn'
  const words = ['--boot', '--register=no', '--keep-unit', '--resolv-conf=off', '--timezone=off', network]
  const node = settings.node === undefined ? [] : [`--bind-ro=${settings.node}:${nodePlace}`]
  const hasEnded = spawnDetached(
    {
      ...settings,
      variables: {
        ...settings.variables,
        // Of the kind that Debian has: with the older one systemd isn't told when a unit's last process ended.
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: hasUnifiedCgroups() ? '1' : '0',
      },
    },
    [
      'nsenter',
      ...['-t', String(holder), '--net', '--mount', '--pid', '--uts', '--ipc', '--'],
      ...['sh', '-c', loop, mark(id, name, 'power'), once, nspawn, ...words, ...node, '-D', rootPlace],
    ],
    log,
  )
  while (powerOf(processRows(), id, name) === undefined) {
    if (hasEnded()) throw doesNotRun(name, lastLines(log))
    await sleep(pollMillis)
  }
}

/** What can be done with a host that was switched on. */
export class HostInside {
  constructor(
    private readonly settings: FleetSettings,
    private readonly id: string,
    private readonly name: string,
  ) {}

  /** The number of its first process; undefined when it doesn't run. */
  leader(): number | undefined {
    return leaderOf(processRows(), this.id, this.name)
  }

  /** Whether something is there that starts it. */
  isSwitchedOn(): boolean {
    return powerOf(processRows(), this.id, this.name) !== undefined
  }

  /** Runs a program of the host and returns what it wrote. @throws YardError E_FLEET */
  async run(
    words: readonly [string, ...string[]],
    options: {timeoutMillis?: number; signal?: AbortSignal} = {},
  ): Promise<string> {
    const leader = this.leader()
    if (leader === undefined) throw doesNotRun(this.name, [])
    const variables = ['-i', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8']
    return runProgram(
      this.settings,
      `Can't run ${words[0]} on ${this.name}`,
      ['nsenter', '-t', String(leader), ...insideWords, '--', 'env', ...variables, ...words],
      options,
    )
  }

  /** What systemd says of itself; undefined when nobody says anything. */
  async systemdState(): Promise<string | undefined> {
    // It ends with 1 for everything but "running".
    const words = ['sh', '-c', 'systemctl is-system-running 2>/dev/null || true'] as const
    const said = await this.run(words, {timeoutMillis: 5_000}).catch(() => '')
    return said.trim() === '' ? undefined : said.trim()
  }

  /** Waits until it takes logins and everything that it starts at boot is there. @throws YardError E_FLEET */
  async untilUp(address: string, log: string, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + bootMillis
    for (;;) {
      signal.throwIfAborted()
      if ((await answersSsh(address)) && isBooted(await this.systemdState())) return
      if (!this.isSwitchedOn()) throw doesNotRun(this.name, lastLines(log))
      if (Date.now() > deadline) throw doesNotRun(this.name, lastLines(log), 'it takes no logins in time')
      await sleep(pollMillis, undefined, {signal}).catch(() => signal.throwIfAborted())
    }
  }
}

function isBooted(state: string | undefined): boolean {
  return state === 'running' || state === 'degraded'
}

/** Whether an SSH server says there who it is. */
function answersSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host: address, port: 22, timeout: 1_000})
    const end = (isSo: boolean) => {
      socket.destroy()
      resolve(isSo)
    }
    socket.once('data', (chunk) => end(chunk.toString('latin1').startsWith('SSH-')))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
    socket.once('close', () => resolve(false))
  })
}

function doesNotRun(name: string, said: readonly string[], why?: string): YardError {
  return new YardError('E_FLEET', {
    what: `Can't use ${name}`,
    why: why ?? said.at(-1) ?? 'it does not run',
    next: ['yard fleet up   # starts it', 'yard fleet status'],
    details: {lastLines: said},
  })
}
