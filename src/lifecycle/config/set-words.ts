import {type SecretBox} from '../../contracts/secret-box.js'
import {
  type Assignment,
  checkValue,
  parseAssignments,
  parseVariableName,
} from '../../domain/config-assignment.js'
import {maxSealedCharacters} from '../../domain/config-value.js'
import {YardError} from '../../errors.js'
import {type ConfigSetNeeds, type ConfigSetReport, type NewValue, setConfig} from './set.js'
import {findTarget, splitWords} from './target.js'

export interface SetWordsNeeds extends ConfigSetNeeds {
  box: () => Promise<Pick<SecretBox, 'seal'>>
  recipients: () => Promise<readonly string[]>
  /** Asks for a secret, or reads what is piped in. */
  readSecret: (name: string) => Promise<string>
  /** Returns when the change may be made. */
  confirm: () => Promise<void>
}

export interface SetWordsRequest {
  /** As on the command line: a service unless what is set is shared, then `NAME=VALUE`, or the name of a secret. */
  words: readonly string[]
  isShared: boolean
  isSecret: boolean
  environment: string
  dryRun: boolean
}

/**
 * Sets what the words ask for. Nothing that may be a secret is repeated in a message, and a secret is asked for only once
 * it is known that it can be kept.
 * @throws YardError E_USAGE, E_SECRET_REFERENCE, E_SECRET_RECIPIENTS, and those of `setConfig`.
 */
export async function setFromWords(needs: SetWordsNeeds, request: SetWordsRequest): Promise<ConfigSetReport> {
  const {dryRun, environment, isSecret, isShared, words} = request
  const {rest, service} = splitWords(words, isShared, 'yard config set billing LOG_LEVEL=debug')
  const given = isSecret ? secretName(rest) : parseAssignments(rest)
  await findTarget(needs.catalog, {environment, service})
  if (!dryRun) await needs.confirm()
  const values = await valuesOf(needs, given, dryRun)
  return setConfig(needs, {environment, service, values, dryRun})
}

async function valuesOf(
  needs: SetWordsNeeds,
  given: string | readonly Assignment[],
  dryRun: boolean,
): Promise<readonly NewValue[]> {
  if (typeof given !== 'string') return given
  // A dry run neither asks nor makes an identity.
  if (dryRun) return [{name: given, content: {kind: 'sealed', sealed: ''}}]
  const recipients = await needs.recipients()
  const secret = await needs.readSecret(given)
  checkValue(given, secret)
  const sealed = await (await needs.box()).seal(secret, recipients)
  if (sealed.length > maxSealedCharacters) throw tooLarge(given, recipients.length)
  return [{name: given, content: {kind: 'sealed', sealed}}]
}

/** Each recipient adds to what is sealed. */
function tooLarge(name: string, recipients: number): YardError {
  return new YardError('E_USAGE', {
    what: `Can't keep the secret ${name}`,
    why: `sealed to ${recipients} recipients it is larger than ${maxSealedCharacters / 1_000} kB`,
    next: ['keep it in another store, and set a reference: secret://op/VAULT/ITEM/FIELD'],
  })
}

function secretName(words: readonly string[]): string {
  const [word, ...others] = words
  if (word !== undefined && others.length === 0 && !word.includes('=')) return parseVariableName(word)
  throw new YardError('E_USAGE', {
    what: "Can't take this secret",
    why: words.some((each) => each.includes('='))
      ? 'a secret on the command line is seen by others on this machine, and stays in the history of the shell'
      : '--secret takes the name of one variable',
    next: [
      'yard config set billing STRIPE_KEY --secret',
      'yard config set billing STRIPE_KEY --secret < FILE',
    ],
  })
}
