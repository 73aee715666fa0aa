import {printable} from '../../domain/names.js'
import {parsePublicName, type PublicName} from '../../domain/public-route.js'
import {YardError} from '../../errors.js'

/**
 * The public name that a person typed.
 * @throws YardError E_USAGE with what to write instead, where that can be told.
 */
export function publicNameOf(purpose: string, typed: string, command: (name: string) => string): PublicName {
  const parsed = parsePublicName(typed)
  if ('name' in parsed) return parsed.name
  throw new YardError('E_USAGE', {
    what: `Can't ${purpose} ${printable(typed)}`,
    why: parsed.why,
    next: [command(parsed.instead ?? 'billing.example.org/api')],
  })
}
