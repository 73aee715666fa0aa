import {type HaproxyProcess, type HostCertificates} from '../../contracts/router-host.js'
import {printable} from '../../domain/names.js'

/** The files as the script `installed` prints them; undefined when there is no configuration yet. */
export function readInstalled(output: string): ReadonlyMap<string, string> | undefined {
  const files = new Map<string, string>()
  const bytes = Buffer.from(output)
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\n', at)
    const [, name, size] =
      /^([a-z][a-z0-9-]*\.(?:cfg|map|list|state)) +(\d+)$/.exec(bytes.toString('utf8', at, end)) ?? []
    if (end === -1 || name === undefined) return undefined
    at = end + 1 + Number(size)
    files.set(name, bytes.toString('utf8', end + 1, at))
  }
  return files.size === 0 ? undefined : files
}

export interface FoundProcesses extends HaproxyProcess {
  /** The one that none of the others started. */
  master: number | undefined
  workers: number[]
  /** Of the master; of what would be started, while there is none. */
  descriptorLimit: number | undefined
}

/** What the script `process` prints. */
export function readProcesses(output: string): FoundProcesses {
  const lines = output.split('\n')
  const rows = lines
    .map((line) => /^(\d+) (\d+)(?: Max open files \S+ (\S+))?/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, limit]) => ({pid: Number(pid), parent: Number(parent), limit}))
  const pids = new Set(rows.map(({pid}) => pid))
  const master = rows.find(({parent}) => !pids.has(parent))
  const value = (name: string) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
  const own = lines.find((line) => line.startsWith('ulimit '))?.slice('ulimit '.length)
  const most = Number(/^most Max open files \S+ (\d+)/m.exec(output)?.[1] ?? Infinity)
  const wanted = value('LimitNOFILE')
  const given = wanted === undefined ? own : Math.min(wanted === 'infinity' ? Infinity : Number(wanted), most)
  const limit = Number(master === undefined ? given : master.limit)
  const result = value('Result')
  return {
    isRunning: lines.includes('unit') ? Number(value('MainPID')) > 0 : master !== undefined,
    restarts: Number(value('NRestarts') ?? 0) || 0,
    ...(result !== undefined && result !== 'success' && /^[a-z-]+$/.test(result) && {lastExit: result}),
    master: master?.pid,
    workers: rows.filter(({pid}) => pid !== master?.pid).map(({pid}) => pid),
    descriptorLimit: Number.isSafeInteger(limit) && limit > 0 ? limit : undefined,
  }
}

/** What the script `certificates` prints. */
export function readCertificates(output: string, source: string, directory: string): HostCertificates {
  const found: HostCertificates = {usable: [], broken: []}
  for (const line of output.split('\n')) {
    if (line === 'absent') found.broken.push(`${printable(source)}: it is not there`)
    if (line === 'forbidden') found.broken.push(`${printable(source)}: this user may not`)
    const [, state, hash, name = '', why = ''] =
      /^(usable|expired|broken) (\S+) ([^\t]+)(?:\t(.*))?$/.exec(line) ?? []
    const shown = `certificate ${printable(name)}`
    if (state === 'broken') found.broken.push(`${shown}: ${withoutPrefix(why)}`)
    if (state === 'expired') found.broken.push(`${shown} is expired, and is shown all the same`)
    if ((state === 'usable' || state === 'expired') && hash !== undefined && /^[0-9a-f]{64}$/.test(hash)) {
      found.usable.push({name, path: `${directory}/certificates/${hash}.pem`})
    }
  }
  found.usable.sort((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)))
  return found
}

function withoutPrefix(why: string): string {
  return why.replace(/\[ALERT\]\s+(?:\S+ )?\(\d+\) : /, '').slice(0, 500)
}
