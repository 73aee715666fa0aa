import {createHash, randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import os from 'node:os'

/** `.hello.yard-<machine>-<pid>-<start>-<random>`: enough to tell later whether the run that made it still lives. */
const pattern = /^\.(.+)\.yard-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}$/

export function stageName(target: string): string {
  const start = startOf(process.pid) ?? '0'
  return `.${target}.yard-${machine()}-${process.pid}-${start}-${randomBytes(4).toString('hex')}`
}

/** Whether it is a stage for this target whose run on this machine is over. A shared disk holds those of others, too. */
export function isStaleStage(entry: string, target: string): boolean {
  const [, of, madeOn, pid, start] = pattern.exec(entry) ?? []
  if (of !== target || madeOn !== machine()) return false
  return !isAlive(Number(pid)) || (start !== '0' && startOf(Number(pid)) !== start)
}

function machine(): string {
  return createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When the process began, in ticks since boot, where /proc tells it: a number that was given out again begins later. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
