import {closeSync, fstatSync, openSync, readdirSync, readSync} from 'node:fs'
import path from 'node:path'

import {parseLogLine} from '../../domain/logs/line-format.js'
import {currentPartName, rotatedPartName, rotatedPartNumber} from '../../domain/logs/parts.js'

/** Enough for the lines a person reads after a failure, however long they are. */
const mostBytes = 1_000_000

/** The last lines that a process wrote, oldest first, without the keeper's notes. */
export function lastLinesIn(directory: string, count: number): string[] {
  const lines: string[] = []
  let room = mostBytes
  for (const name of newestFirst(directory)) {
    const text = lastBytes(path.join(directory, name), room)
    lines.unshift(...written(text))
    room -= text.length
    if (lines.length >= count || room <= 0) break
  }
  return count > 0 ? lines.slice(-count) : []
}

function newestFirst(directory: string): string[] {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch {
    return []
  }
  const numbers = names.flatMap((name) => rotatedPartNumber(name) ?? []).sort((one, other) => other - one)
  return [currentPartName, ...numbers.map(rotatedPartName)]
}

function written(text: string): string[] {
  return text.split('\n').flatMap((each) => {
    const line = parseLogLine(each)
    return line === undefined || line.stream === 'yard' ? [] : [line.text]
  })
}

function lastBytes(file: string, most: number): string {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return ''
  }
  try {
    const {size} = fstatSync(descriptor)
    const buffer = Buffer.alloc(Math.min(size, most))
    const bytes = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8', 0, bytes)
  } finally {
    closeSync(descriptor)
  }
}
