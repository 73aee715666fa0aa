import {type WrittenLine, parseLogLine} from '../../domain/logs/line-format.js'
import {Part, rotatedParts} from './parts.js'

const blockBytes = 64 * 1024
const lineFeed = 0x0a

export interface Tail {
  /** Oldest first. */
  lines: WrittenLine[]
  /** Where reading goes on: the current part, open, and the end of its last whole line. */
  part: Part | undefined
  offset: number
}

/** The last so many accepted lines of one log, read from its end backwards through its parts. */
export function readTail(
  directory: string,
  wanted: {count: number; since: number; accepts: (line: WrittenLine) => boolean},
): Tail {
  const current = Part.open(directory, undefined)
  const lines: WrittenLine[] = []
  let offset = 0
  const isEnough = (text: string): boolean => {
    const line = parseLogLine(text)
    if (line === undefined) return false
    if (line.at < wanted.since) return true
    if (wanted.accepts(line)) lines.push(line)
    return lines.length >= wanted.count
  }
  let isDone = wanted.count <= 0
  if (current !== undefined) {
    offset = lastLineEnd(current)
    isDone = isDone || linesBackwards(current, offset, isEnough)
  }
  for (const number of rotatedParts(directory).reverse()) {
    if (isDone) break
    const part = Part.open(directory, number)
    // It may have been rotated after it was opened as the current one.
    if (part !== undefined && part.inode !== current?.inode)
      isDone = linesBackwards(part, part.size, isEnough)
    part?.close()
  }
  return {lines: lines.reverse(), part: current, offset}
}

/** Calls `isEnough` with each line before `end`, the last one first, until it returns true. */
function linesBackwards(part: Part, end: number, isEnough: (line: string) => boolean): boolean {
  let rest: Buffer[] = []
  let blockEnd = end
  while (blockEnd > 0) {
    const start = Math.max(0, blockEnd - blockBytes)
    const block = part.read(start, blockEnd - start)
    let lineEnd = block.length
    for (let at = block.lastIndexOf(lineFeed); at !== -1; at = block.lastIndexOf(lineFeed, at - 1)) {
      const line = Buffer.concat([block.subarray(at + 1, lineEnd), ...rest])
      rest = []
      lineEnd = at
      if (line.length > 0 && isEnough(line.toString('utf8'))) return true
      if (at === 0) break
    }
    rest.unshift(block.subarray(0, lineEnd))
    blockEnd = start
  }
  return isEnough(Buffer.concat(rest).toString('utf8'))
}

/** What is after it is a line that is being written. */
function lastLineEnd(part: Part): number {
  for (let end = part.size; end > 0; end -= blockBytes) {
    const start = Math.max(0, end - blockBytes)
    const at = part.read(start, end - start).lastIndexOf(lineFeed)
    if (at !== -1) return start + at + 1
  }
  return 0
}
