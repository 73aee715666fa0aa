import {YardError} from '../../errors.js'
import {parseName} from '../names.js'

/** Names that follow the rule but mean something else to a system that a generated service meets. */
const reserved: readonly [meaning: string, words: string][] = [
  [
    'a device on Windows',
    'con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9',
  ],
  [
    'a host name with a meaning of its own',
    'localhost localdomain local invalid example onion broadcasthost',
  ],
  ['a part of yard or of the systems it runs on', 'yard haproxy systemd docker init root dbus sshd'],
  ['a property of every JavaScript object', 'constructor prototype'],
  ['a literal in YAML', 'yes no on off null true false none'],
  [
    'a keyword of JavaScript',
    'await break case catch class const continue debugger default delete do else enum export extends finally for function if implements import in instanceof interface let new package private protected public return static super switch this throw try typeof undefined var void while with yield',
  ],
  [
    'a keyword of Python',
    'and as assert async def del elif except from global is lambda nonlocal not or pass raise',
  ],
  [
    'a keyword of Go',
    'chan defer fallthrough func go goto map range select struct type main internal vendor testdata',
  ],
]

const meanings = new Map(
  reserved.flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning] as const)),
)

/**
 * Returns the name of a service to be generated.
 * @throws YardError E_NAME_INVALID with a suggestion when one can be derived.
 */
export function parseNewServiceName(value: string): string {
  const name = parseName('service', value)
  const meaning = meanings.get(name)
  if (meaning === undefined) return name
  throw new YardError('E_NAME_INVALID', {
    what: `"${name}" can't be the name of a service`,
    why: `it is ${meaning}`,
    next: [`try ${name}-service`],
  })
}
