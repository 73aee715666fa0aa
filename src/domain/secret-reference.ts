import {YardError} from '../errors.js'

export const referenceStart = 'secret://'

/** Where a secret lies in another store, taken apart and harmless as an argument of the store's own tool. */
export type SecretReference =
  {store: 'sops'; file: string; keys: string[]} | {store: 'op'; path: string[]} | {store: 'ssm'; name: string}

/** How a tool is asked for one secret. */
export interface ToolCommand {
  file: string
  args: string[]
  /** How the answer is spelled: `json` is a JSON string; `text` is the value, with a line end of the tool's own. */
  answer: 'json' | 'text'
  /** A line that tells how to get the tool. */
  install: string
}

/**
 * Takes a reference apart. What it holds goes into argument lists, so each part keeps to plain names: none can
 * be an option, climb out of a directory, or end an argument early.
 * @throws YardError E_SECRET_REFERENCE; the message doesn't repeat the text, which may be a secret by mistake.
 */
export function parseSecretReference(text: string): SecretReference {
  const parsed = text.length > 2_000 ? undefined : parse(text)
  if (parsed === undefined) throw notAReference()
  return parsed
}

/** The file of the release in which it lies; undefined for one that lies elsewhere, and for what is no reference. */
export function referencedFile(text: string): string | undefined {
  const reference = text.length > 2_000 ? undefined : parse(text)
  return reference?.store === 'sops' ? reference.file : undefined
}

/** The command line that prints the secret. A file is relative to the directory that it runs in. */
export function toolCommand(reference: SecretReference): ToolCommand {
  switch (reference.store) {
    case 'sops':
      return {
        file: 'sops',
        args: ['--decrypt', '--extract', extraction(reference.keys), `./${reference.file}`],
        answer: 'text',
        install: 'https://github.com/getsops/sops/releases has sops for every system',
      }
    case 'op':
      return {
        file: 'op',
        args: ['read', `op://${reference.path.join('/')}`],
        answer: 'text',
        install: 'https://developer.1password.com/docs/cli/get-started tells how to install op',
      }
    case 'ssm':
      return {
        file: 'aws',
        args: [
          'ssm',
          'get-parameter',
          '--with-decryption',
          '--query',
          'Parameter.Value',
          '--output',
          'json',
          `--name=${reference.name}`,
        ],
        answer: 'json',
        install: 'pip install awscli   # or https://aws.amazon.com/cli',
      }
  }
}

function parse(text: string): SecretReference | undefined {
  const [, store, rest] = /^secret:\/\/(sops|op|ssm)\/(.+)$/s.exec(text) ?? []
  if (rest === undefined) return undefined
  if (store === 'sops') return parseSops(rest)
  return store === 'op' ? parseOp(rest) : parseSsm(rest)
}

function parseSops(rest: string): SecretReference | undefined {
  const [, file, key] = /^([^#]+)#([^#]+)$/.exec(rest) ?? []
  const keys = key?.split('.') ?? []
  if (file === undefined || !file.split('/').every(isPlain)) return undefined
  return keys.length > 0 && keys.every((each) => /^[A-Za-z0-9_-]{1,200}$/.test(each))
    ? {store: 'sops', file, keys}
    : undefined
}

/** VAULT/ITEM/FIELD or VAULT/ITEM/SECTION/FIELD; `%20` stands for a space. */
function parseOp(rest: string): SecretReference | undefined {
  const path = rest.split('/').map((part) => part.replaceAll('%20', ' '))
  if (path.length !== 3 && path.length !== 4) return undefined
  return path.every((part) => isPlain(part.replaceAll(' ', '_'))) ? {store: 'op', path} : undefined
}

/** A name in a hierarchy begins with a slash, which may be left out here. */
function parseSsm(rest: string): SecretReference | undefined {
  const path = rest.replace(/^\//, '')
  if (!path.split('/').every(isPlain)) return undefined
  return {store: 'ssm', name: path.includes('/') || rest.startsWith('/') ? `/${path}` : path}
}

/** A name that no tool takes for an option or for another directory. */
function isPlain(part: string): boolean {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,199}$/.test(part) && !/^\.+$/.test(part)
}

/** sops takes the path to a value as `["db"]["users"][0]`. */
function extraction(keys: readonly string[]): string {
  return keys.map((key) => (/^(?:0|[1-9][0-9]{0,5})$/.test(key) ? `[${key}]` : `["${key}"]`)).join('')
}

function notAReference(): YardError {
  return new YardError('E_SECRET_REFERENCE', {
    what: "Can't use this reference to a secret",
    why: 'it has none of the forms that yard knows, or holds characters that have no place there',
    next: [
      'secret://sops/config/secrets.yaml#stripe.key   # a file of the service, relative to its directory',
      'secret://op/VAULT/ITEM/FIELD   # 1Password; %20 for a space',
      'secret://ssm/billing/stripe-key   # AWS Systems Manager: the parameter /billing/stripe-key',
    ],
  })
}
