import {maxValueBytes} from '../domain/config-assignment.js'
import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {askSecret} from '../terminal/prompts.js'
import {isInteractive} from './terminal-settings.js'

export interface SecretVariable {
  name: string
  /** The service, or `--shared`. */
  place: string
}

/**
 * A secret that a person types without it being shown, or that is piped in; one line end at its end is taken for the
 * pipe's own. It never comes from the command line, which others on the machine can see.
 * @throws YardError E_USAGE when nothing comes, too much, or no text.
 */
export async function readSecretInput(variable: SecretVariable, signal: AbortSignal): Promise<string> {
  const value = isInteractive() ? await askSecret(`${variable.name}:`) : await readPiped(variable, signal)
  if (value === '') throw refused(variable, 'nothing was given')
  return value
}

async function readPiped(variable: SecretVariable, signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) throw refused(variable, 'nobody can be asked here, and nothing is piped in')
  const chunks: Buffer[] = []
  let bytes = 0
  const stop = () => process.stdin.destroy()
  signal.addEventListener('abort', stop, {once: true})
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxValueBytes + 2) throw refused(variable, `it is larger than ${maxValueBytes / 1024} kB`)
      chunks.push(chunk)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  return textOf(variable, Buffer.concat(chunks)).replace(/\r?\n$/, '')
}

function textOf(variable: SecretVariable, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    throw refused(variable, 'it is not text in UTF-8')
  }
}

function refused({name, place}: SecretVariable, why: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't take the secret ${name}`,
    why,
    next: [
      `yard config set ${printable(place).slice(1, -1)} ${name} --secret < FILE`,
      'run it on a terminal to be asked for it',
    ],
  })
}
