import {readdirSync, readFileSync, rmdirSync} from 'node:fs'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

const removalMillis = 5_000

/** Where systemd keeps its cgroups: those of version 2, and beside them on some machines its own of version 1. */
function hierarchies(): string[] {
  return cgroupMounts()
    .filter(({kind, options}) => kind === 'cgroup2' || options.includes('name=systemd'))
    .map(({directory}) => directory)
}

/** Whether hosts can have cgroups of version 2, which systemd of today is made for. */
export function hasUnifiedCgroups(): boolean {
  return cgroupMounts().some(({kind}) => kind === 'cgroup2')
}

/** Where the cgroups of a part are, there or not. */
export function cgroupDirectories(id: string, part: string): string[] {
  return hierarchies().map((hierarchy) => path.join(hierarchy, cgroupName(id, part)))
}

function cgroupName(id: string, part: string): string {
  return `yard-fleet-${id}-${part}`
}

/** Removes the cgroups of parts of a fleet of which nothing runs. Namespaces take everything along but these. */
export async function removeCgroups(id: string, parts?: readonly string[]): Promise<void> {
  const wanted = parts && new Set(parts.map((part) => cgroupName(id, part)))
  const deadline = Date.now() + removalMillis
  for (const hierarchy of hierarchies()) {
    const names = readdirSync(hierarchy).filter((name) =>
      wanted === undefined ? name.startsWith(cgroupName(id, '')) : wanted.has(name),
    )
    for (const name of names) {
      while (!isRemoved(path.join(hierarchy, name)) && Date.now() < deadline) await sleep(20)
    }
  }
}

/** A process that has just ended may hold it for a moment. */
function isRemoved(directory: string): boolean {
  try {
    for (const entry of readdirSync(directory, {withFileTypes: true}))
      if (entry.isDirectory()) isRemoved(path.join(directory, entry.name))
    rmdirSync(directory)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function cgroupMounts(): {directory: string; kind: string; options: string[]}[] {
  const lines = readFileSync('/proc/mounts', 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [, directory = '', kind = '', options = ''] = line.split(' ')
    return kind.startsWith('cgroup') ? [{directory, kind, options: options.split(',')}] : []
  })
}
