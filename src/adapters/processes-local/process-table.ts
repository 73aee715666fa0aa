import {spawnSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'

/** Names one process for ever: its number may be given to another one, its start time may not. */
export interface ProcessIdentity {
  pid: number
  startedAt: string
}

interface Row extends ProcessIdentity {
  group: number
}

/** Undefined when no living process has this number. A zombie does not live: nothing may be left that reaps it. */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!isSafePid(pid)) return undefined
  const row = process.platform === 'linux' ? linuxRow(pid) : portableRows().find((each) => each.pid === pid)
  return row === undefined ? undefined : {pid: row.pid, startedAt: row.startedAt}
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt
}

/**
 * The living members of the process group that this process leads or led. Empty when its number belongs to another
 * process by now: the system gives no number away that is still the number of a group.
 */
export function groupMembers(leader: ProcessIdentity): number[] {
  if (!isSafePid(leader.pid) || !isOfThisBoot(leader.startedAt)) return []
  const rows = process.platform === 'linux' ? linuxRows() : portableRows()
  const successor = rows.find(({pid}) => pid === leader.pid)
  if (successor !== undefined && successor.startedAt !== leader.startedAt) return []
  return rows.filter(({group}) => group === leader.pid).map(({pid}) => pid)
}

/** Sends a signal to all living members of the group; false when there is none. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (groupMembers(leader).length === 0) return false
  try {
    process.kill(-leader.pid, signal)
    return true
  } catch {
    return false
  }
}

/** Zero, one and negative numbers mean groups, everybody or the first process to `kill`. */
function isSafePid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1
}

function linuxRows(): Row[] {
  const rows: Row[] = []
  for (const name of readdirSync('/proc')) {
    const row = /^[0-9]+$/.test(name) ? linuxRow(Number(name)) : undefined
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/** From `/proc/<pid>/stat`: the name in parentheses may hold anything, so fields are counted from its end. */
function linuxRow(pid: number): Row | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const ticks = fields[19]
  if (state === undefined || group === undefined || ticks === undefined || 'ZXx'.includes(state))
    return undefined
  return {pid, group: Number(group), startedAt: `${currentBoot()}:${ticks}`}
}

function portableRows(): Row[] {
  const {stdout} = spawnSync('ps', ['-axo', 'pid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    env: {PATH: '/usr/bin:/bin', LC_ALL: 'C'},
  })
  const rows: Row[] = []
  for (const line of stdout.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
    const [, pid, group, state = 'Z', started = ''] = match ?? []
    if (state.startsWith('Z')) continue
    rows.push({pid: Number(pid), group: Number(group), startedAt: `${currentBoot()}:${started}`})
  }
  return rows
}

let boot: string | undefined

/** Start times on Linux count from the boot of the machine, so the boot belongs to them. */
function currentBoot(): string {
  boot ??= process.platform === 'linux' ? readBoot() : 'any'
  return boot
}

function readBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return 'any'
  }
}

/** Whether a process that started then belongs to this machine since it was booted, and not to another of its name. */
export function isOfThisBoot(startedAt: string): boolean {
  return startedAt.slice(0, startedAt.indexOf(':')) === currentBoot()
}
