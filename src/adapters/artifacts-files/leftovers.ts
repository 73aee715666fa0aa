import {randomBytes} from 'node:crypto'
import {readdir, rm} from 'node:fs/promises'
import path from 'node:path'

const temporaryName = /^\.tmp-(?<label>[a-z0-9-]+)\.(?<pid>[0-9]{1,10})\.[0-9a-f]{12}$/

/** A name that tells whose temporary it is, so that those of dead processes can be found. */
export function temporaryPath(directory: string, label: string): string {
  return path.join(directory, `.tmp-${label}.${process.pid}.${randomBytes(6).toString('hex')}`)
}

/** Removes temporaries with this label in a directory whose maker no longer runs. */
export async function removeTemporaries(directory: string, label: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) {
    const parts = temporaryName.exec(name)?.groups
    if (parts?.['label'] !== label || isRunning(Number(parts['pid']))) continue
    await rm(path.join(directory, name), {recursive: true, force: true})
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
