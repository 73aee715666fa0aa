import {fstatSync, readdirSync, readFileSync, readlinkSync} from 'node:fs'

/**
 * Tells whether somebody still reads the pipe that a descriptor writes into. A program that waits for something to
 * write can't learn that otherwise: the system says so at the next write only, which may be hours away.
 *
 * Looked up under /proc: the process at the other end is found once, before anything is written, and then watched.
 * Where none can be found (another system, another user's process, a terminal or file) the answer is always yes.
 */
export function watchReader(descriptor: number): () => boolean {
  const pipe = pipeOf(descriptor)
  let reader = pipe === undefined ? undefined : findReader(pipe)
  if (pipe === undefined || reader === undefined) return () => true
  return () => {
    if (reader !== undefined && linkOf(reader) !== pipe) reader = findReader(pipe)
    return reader !== undefined
  }
}

/** The system's name of an anonymous pipe: `pipe:[4711]`. */
function pipeOf(descriptor: number): string | undefined {
  if (process.platform !== 'linux' || !fstatSync(descriptor).isFIFO()) return undefined
  const link = linkOf(`/proc/self/fd/${descriptor}`)
  return link?.startsWith('pipe:') === true ? link : undefined
}

/** A descriptor of another process that reads the pipe, as its path below /proc. */
function findReader(pipe: string): string | undefined {
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  for (const pid of others) {
    for (const descriptor of descriptorsOf(pid)) {
      const place = `/proc/${pid}/fd/${descriptor}`
      if (linkOf(place) === pipe && isForReading(pid, descriptor)) return place
    }
  }
  return undefined
}

function descriptorsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}

function linkOf(place: string): string | undefined {
  try {
    return readlinkSync(place)
  } catch {
    return undefined
  }
}

/** The last octal digit of the flags is the access mode: 0 reads, 1 writes, 2 does both. */
function isForReading(pid: string, descriptor: string): boolean {
  try {
    const flags = /^flags:\s+[0-7]*([0-7])$/m.exec(
      readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'),
    )?.[1]
    return flags !== undefined && (Number(flags) & 3) !== 1
  } catch {
    return false
  }
}
