import {type Secret} from '../../domain/secret.js'

/** What goes over the pipe from whoever starts a keeper: one JSON object, complete or worth nothing. */
export function secretsText(secrets: Readonly<Record<string, Secret>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()])),
  )
}

/** Reads the pipe to its end. Undefined when whoever wrote was killed in between: a process without its secrets must not start. */
export async function readSecrets(pipe: AsyncIterable<Buffer>): Promise<Record<string, string> | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of pipe) chunks.push(chunk)
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : undefined
  } catch {
    return undefined
  }
}
