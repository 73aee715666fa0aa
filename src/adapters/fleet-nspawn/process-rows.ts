import {readdirSync, readFileSync, readlinkSync} from 'node:fs'

/** A living process as seen from this machine. */
export interface ProcessRow {
  pid: number
  parent: number
  args: string[]
}

/** Every living process of this machine. */
export function processRows(): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    const row = /^\d+$/.test(name) ? rowOf(Number(name)) : undefined
    return row === undefined ? [] : [row]
  })
}

/** The processes below one, the nearest first. */
export function descendants(rows: readonly ProcessRow[], pid: number): ProcessRow[] {
  const children = new Map<number, ProcessRow[]>()
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row])
  const found: ProcessRow[] = []
  for (const queue = [pid]; queue.length > 0;) {
    const below = children.get(queue.shift() ?? 0) ?? []
    found.push(...below)
    queue.push(...below.map((row) => row.pid))
  }
  return found
}

/** What tells one namespace of processes from another; undefined when the process has ended. */
export function processNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

/** Whether it's root that runs it, and not somebody who only may use a program of root's. */
export function isOfRoot(pid: number): boolean {
  try {
    return /^Uid:\t0\t0\t0\t0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** From `/proc/<pid>/stat`: the name in parentheses may hold anything, so fields are counted from its end. */
function rowOf(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = 'Z', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if ('ZXx'.includes(state)) return undefined
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    return {pid, parent: Number(parent), args}
  } catch {
    return undefined
  }
}
