import {execFile} from 'node:child_process'
import {constants} from 'node:fs'
import {access, stat} from 'node:fs/promises'

/** What is known of a machine's keys, each as in `ssh-ed25519 AAAA…`. */
export interface KnownKeys {
  trusted: string[]
  revoked: string[]
  /** The file that may name the machine and can't be read. */
  unreadable: string | undefined
}

const askDeadlineMillis = 5_000

/** Asks OpenSSH, which knows hashed names, patterns and ports, what the user's `known_hosts` say. */
export async function readKnownKeys(name: string, files: readonly string[]): Promise<KnownKeys> {
  const known: KnownKeys = {trusted: [], revoked: [], unreadable: undefined}
  for (const file of files) {
    const found = await findKeys(name, file)
    if (found === undefined) known.unreadable = file
    for (const line of found ?? []) {
      const [marker, , type, key] = line.startsWith('@') ? line.split(/\s+/) : ['', ...line.split(/\s+/)]
      if (type === undefined || key === undefined) continue
      if (marker === '') known.trusted.push(`${type} ${key}`)
      if (marker === '@revoked') known.revoked.push(`${type} ${key}`)
    }
  }
  return known
}

/** Undefined when the file can't be read; nothing when it doesn't name the machine, or OpenSSH isn't installed. */
async function findKeys(name: string, file: string): Promise<string[] | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return []
  if (
    found.isDirectory() ||
    !(await access(file, constants.R_OK).then(
      () => true,
      () => false,
    ))
  )
    return undefined
  return new Promise((resolve) => {
    execFile('ssh-keygen', ['-f', file, '-F', name], {timeout: askDeadlineMillis}, (error, stdout) => {
      if (error !== null && error.code !== 1 && error.code !== 'ENOENT') resolve(undefined)
      else resolve(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
    })
  })
}

/** A key as it comes over the wire, as `known_hosts` has it. */
export function keyText(blob: Buffer): string {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0)
  return `${blob.subarray(4, 4 + length).toString('latin1')} ${blob.toString('base64')}`
}

export type KeyAlgorithm =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'rsa-sha2-512'
  | 'rsa-sha2-256'

const algorithmsByType: Readonly<Record<string, KeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** A machine has keys of several types and shows the one that is asked for: it must be one that is known. */
export function algorithmsOf(keys: readonly string[]): KeyAlgorithm[] {
  const types = new Set(keys.map((key) => key.split(' ')[0] ?? ''))
  const wanted = Object.keys(algorithmsByType).filter((type) => keys.length === 0 || types.has(type))
  return wanted.flatMap((type) => algorithmsByType[type] ?? [])
}
