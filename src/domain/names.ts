import {YardError} from '../errors.js'

/**
 * One rule for services, environments, hosts and processes: valid at once as a DNS label, an HAProxy
 * backend, a systemd unit, a Docker tag and an npm name. No `--`, no trailing dash, at most 40 characters.
 */
export const namePattern = /^(?=.{1,40}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

export type NameKind = 'service' | 'environment' | 'host' | 'process'

export function isName(value: string): boolean {
  return namePattern.test(value)
}

/**
 * Returns the name unchanged when it follows the rule.
 * @throws YardError E_NAME_INVALID with a suggestion when one can be derived.
 */
export function parseName(kind: NameKind, value: string): string {
  if (isName(value)) return value
  const suggestion = suggestName(value)
  throw new YardError('E_NAME_INVALID', {
    what: `${printable(value)} can't be the name of ${kind === 'environment' ? 'an' : 'a'} ${kind}`,
    why: 'a name is 1 to 40 lower-case letters, digits and single dashes, and starts with a letter',
    next: [suggestion === undefined ? 'choose a name such as billing or order-history' : `try ${suggestion}`],
  })
}

/** The nearest valid name, or undefined when nothing is left of it. */
export function suggestName(value: string): string | undefined {
  const candidate = value
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return isName(candidate) ? candidate : undefined
}

/** Quotes a value for a message: control and non-ASCII characters escaped, long values cut. */
export function printable(value: string): string {
  const cut = value.length > 60 ? `${value.slice(0, 57)}...` : value
  return JSON.stringify(cut).replace(/[\u007f-\uffff]/g, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
