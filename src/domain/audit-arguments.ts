import {instanceIdPattern} from './instance.js'
import {namePattern} from './names.js'

/** What a command declares: which words of its line are flags, values of flags, and arguments. */
export interface CommandShape {
  /** By long name without dashes. */
  flags: Readonly<Record<string, {char?: string; takesValue: boolean}>>
  /** Names of the positional arguments, in their order. */
  args: readonly string[]
}

const number = /^\d{1,6}$/

/** The flags and arguments whose values are never secret, and what such a value looks like. Nothing else is kept. */
const harmless: Readonly<Record<string, RegExp>> = {
  consumer: namePattern,
  env: namePattern,
  environment: namePattern,
  expires: /^\d{1,4}[smhd]$/,
  format: namePattern,
  from: namePattern,
  host: namePattern,
  instance: instanceIdPattern,
  limit: number,
  name: /^[a-z][a-z0-9-]{0,39}(?:\/[a-z][a-z0-9-]{0,39}){0,3}$/,
  number,
  of: namePattern,
  order: number,
  port: number,
  ref: /^[\w][\w./-]{0,99}$/,
  role: namePattern,
  service: namePattern,
  to: /^(?:\d{1,6}|r\d{1,6}|[a-z][a-z0-9-]{0,39})$/,
  weight: number,
  zone: namePattern,
}

const hidden = '…'
const mostWords = 100

/**
 * The words of a command line as the audit keeps them: flags, the values of harmless ones, names of services, hosts
 * and instances. `NAME=value` becomes `NAME=…`; any other word becomes `…`, because it may be a secret.
 */
export function auditArguments(argv: readonly string[], shape: CommandShape): string[] {
  const kept: string[] = []
  let positionals = 0
  let isAfterFlags = false
  for (let index = 0; index < argv.length && index < mostWords; index++) {
    const word = argv[index] ?? ''
    const flag = isAfterFlags ? undefined : readFlag(word, shape)
    if (!isAfterFlags && word === '--') {
      isAfterFlags = true
      kept.push(word)
    } else if (flag === undefined) {
      const isStrayFlag = !isAfterFlags && word.startsWith('-') && word !== '-'
      kept.push(isStrayFlag ? hidden : positional(word, positionals++, shape))
    } else if (flag.value !== undefined) kept.push(`${flag.shown}=${harmlessValue(flag.name, flag.value)}`)
    else {
      kept.push(flag.shown)
      if (flag.takesValue && index + 1 < argv.length) {
        index += 1
        kept.push(harmlessValue(flag.name, argv[index] ?? ''))
      }
    }
  }
  return argv.length > mostWords ? [...kept, hidden] : kept
}

interface ReadFlag {
  name: string
  shown: string
  takesValue: boolean
  /** The value in the same word. */
  value?: string
}

/** Undefined for what isn't a flag of this command: a secret may begin with dashes. */
function readFlag(word: string, {flags}: CommandShape): ReadFlag | undefined {
  const [, long, value] = /^--([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/.exec(word) ?? []
  if (long !== undefined) {
    const name = Object.hasOwn(flags, long) ? long : long.replace(/^no-/, '')
    if (!Object.hasOwn(flags, name)) return undefined
    const takesValue = flags[name]?.takesValue ?? false
    return {name, shown: `--${long}`, takesValue, ...(value !== undefined && {value})}
  }
  const [, char, rest = ''] = /^-([A-Za-z])([\s\S]*)$/.exec(word) ?? []
  const found = Object.entries(flags).find(([, flag]) => char !== undefined && flag.char === char)
  if (found === undefined) return undefined
  const [name, {takesValue}] = found
  if (rest === '') return {name, shown: `-${char}`, takesValue}
  return takesValue ? {name, shown: `-${char}`, takesValue, value: rest.replace(/^=/, '')} : undefined
}

function positional(word: string, place: number, shape: CommandShape): string {
  const [, variable, value = ''] = /^([A-Z_][A-Z0-9_]{0,127})=([\s\S]*)$/.exec(word) ?? []
  // The end of a base64 text looks like a variable that is set to nothing.
  if (variable !== undefined && value !== '' && value !== '=') return `${variable}=${hidden}`
  const argument = shape.args[place]
  // A name is wanted only as the first; a value that lost its name may come after it.
  if (argument === undefined || (place > 0 && argument !== 'weight')) return hidden
  return harmlessValue(argument, word)
}

function harmlessValue(name: string, value: string): string {
  const pattern = Object.hasOwn(harmless, name) ? harmless[name] : undefined
  return pattern?.test(value) === true ? value : hidden
}
