import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'

export interface FoundProcess {
  pid: number
  parent: number
}

/**
 * The master and the workers that were started with this master socket, found by their command lines: the way that is
 * left when they don't answer. Empty where there is no `/proc`.
 */
export async function haproxyProcesses(masterSocket: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map((pid) => processWith(pid, masterSocket)))
  return found.filter((process) => process !== undefined)
}

/** The one that none of the others started. */
export function masterOf(processes: readonly FoundProcess[]): number | undefined {
  const pids = new Set(processes.map(({pid}) => pid))
  return processes.find(({parent}) => !pids.has(parent))?.pid
}

/** How many files a process may open at most; undefined when it can't be told. */
export async function hardFileLimit(pid: number | 'self'): Promise<number | undefined> {
  const limits = await readFile(`/proc/${pid}/limits`, 'latin1').catch(() => '')
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1]
  return hard === undefined ? undefined : Number(hard)
}

async function processWith(pid: string, masterSocket: string): Promise<FoundProcess | undefined> {
  const read = (name: string) => readFile(path.join('/proc', pid, name), 'latin1').catch(() => '')
  const words = (await read('cmdline')).split('\0')
  const isOurs = words.some((word, index) => words[index - 1] === '-S' && word.split(',')[0] === masterSocket)
  if (!isOurs || !words.includes('-C')) return undefined
  // The program's name stands in brackets and may hold anything, so what counts comes after the last of them.
  const [state, parent] = (await read('stat')).split(') ').at(-1)?.split(' ') ?? []
  return state === undefined || state === 'Z' ? undefined : {pid: Number(pid), parent: Number(parent)}
}
