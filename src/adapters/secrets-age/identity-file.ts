import {randomBytes} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

import {generateX25519Identity, identityToRecipient} from 'age-encryption'

import {YardError} from '../../errors.js'

/** Larger files are no identities. */
const maxIdentityBytes = 64 * 1024

/**
 * The identities of a file as `age-keygen` writes it, one in a line; none when it isn't there.
 * @throws YardError E_SECRET_IDENTITY when it can't be read, or a line of it is something else.
 */
export function readIdentities(file: string): string[] {
  const lines = readText(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.every((line) => /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/.test(line))) return lines
  throw unusable(file, 'it holds a line that is not an age identity')
}

/**
 * Makes the file with a new identity, readable by this user only, and returns the identity in it. Of several programs that do
 * so at the same time, one wins: the file appears complete by one link, which fails where there is one already.
 * @throws YardError E_SECRET_IDENTITY
 */
export async function makeIdentityFile(file: string): Promise<string> {
  const identity = await generateX25519Identity()
  const text = `# made by yard; whoever has this file can open your secrets\n# public key: ${await identityToRecipient(identity)}\n${identity}\n`
  const draft = `${file}.${randomBytes(8).toString('hex')}.draft`
  mkdirSync(path.dirname(file), {recursive: true, mode: 0o700})
  try {
    writePrivately(draft, text)
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, {force: true})
  }
  const [winner] = readIdentities(file)
  if (winner === undefined) throw unusable(file, 'it is there, and holds no identity')
  return winner
}

function writePrivately(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    // The umask may have taken the owner's own rights away.
    chmodSync(file, 0o600)
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function readText(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const {code = 'it is unreadable'} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    throw unusable(file, `reading it gives ${code}`)
  }
  if (text.length > maxIdentityBytes) throw unusable(file, 'it is too large')
  return text
}

function unusable(file: string, why: string): YardError {
  return new YardError('E_SECRET_IDENTITY', {
    what: `Can't use the identity ${file}`,
    why,
    next: [`ls -l ${file}`, 'point YARD_IDENTITY to another file'],
  })
}
