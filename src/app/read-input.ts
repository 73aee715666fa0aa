import path from 'node:path'

import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {type Yard} from './yard.js'

/**
 * The text of a file, or of what is piped in for `-`; nothing else reads the standard input.
 * @throws YardError E_USAGE when there is none, E_FILE_TOO_LARGE, E_PERMISSION
 */
export async function readInput(
  yard: Pick<Yard, 'files' | 'workingDirectory'>,
  file: string,
  maxBytes: number,
): Promise<string> {
  if (file === '-') return withoutMark(await readStandardInput(maxBytes))
  const text = await (await yard.files()).readText(path.resolve(yard.workingDirectory, file), maxBytes)
  if (text !== undefined) return withoutMark(text)
  throw new YardError('E_USAGE', {
    what: `Can't read ${printable(file)}`,
    why: 'there is no such file',
    next: ['ls -l', 'use - for what is piped in'],
  })
}

async function readStandardInput(maxBytes: number): Promise<string> {
  if (process.stdin.isTTY) {
    throw new YardError('E_USAGE', {
      what: "Can't read what is piped in",
      why: 'nothing is: the input is a terminal',
      next: ['yard catalog export --catalog sqlite:old.db | yard catalog import -'],
    })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Editors on other systems begin a file with a mark of its encoding. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function tooLarge(maxBytes: number): YardError {
  return new YardError('E_FILE_TOO_LARGE', {
    what: "Can't read what is piped in",
    why: `it is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB`,
    next: ['look at what is piped in'],
  })
}
