import {type Command} from '@oclif/core'

import {recordAudit} from '../catalog/audit.js'
import {type Store} from '../contracts/store.js'
import {auditArguments, type CommandShape} from '../domain/audit-arguments.js'
import {isName} from '../domain/names.js'
import {YardError} from '../errors.js'
import {ciRunUrl} from './ci-run.js'
import {type Yard} from './yard.js'

export interface AuditedCommand {
  command: string
  argv: readonly string[]
  shape: CommandShape
  /** The values after parsing: they come from variables and defaults, too. */
  flags: Readonly<Record<string, unknown>>
  args: Readonly<Record<string, unknown>>
  startedAt: Date
  /** What the command returned, if it got that far. */
  result: unknown
  error: Error | undefined
}

/**
 * Keeps what a changing command did. It comes after the command: one that can't write its own change to the store has
 * failed by then, and what it did or why it failed is more important than the row about it, so a row that can't be
 * written is only warned of.
 */
export async function auditCommand(yard: Yard, audited: AuditedCommand): Promise<void> {
  const {error, startedAt} = audited
  // What it had begun is told of by whoever goes on with it.
  if (error instanceof YardError && error.code === 'E_CATALOG_UNREACHABLE') return
  try {
    const shape = isAboutNothing(audited) ? {...audited.shape, args: []} : audited.shape
    const catalog = await yard.catalog()
    const git = await gitIdentity(yard)
    const token = await tokenName(catalog.store)
    const ciUrl = ciRunUrl(process.env)
    const service = serviceOf(audited)
    // What is promoted is changed where it goes.
    const environment = nameIn(audited.flags['env']) ?? nameIn(audited.flags['to'])
    await recordAudit(catalog, yard.clock, {
      at: startedAt.toISOString(),
      by: yard.actor,
      ...(git !== undefined && {git: git.slice(0, 500)}),
      ...(token !== undefined && {token}),
      host: yard.machine,
      ...(ciUrl !== undefined && {ciUrl}),
      command: audited.command.replaceAll(':', ' '),
      arguments: auditArguments(audited.argv, shape),
      ...(service !== undefined && {service}),
      ...(environment !== undefined && {environment}),
      outcome: error === undefined ? 'done' : 'failed',
      ...(error !== undefined && {code: error instanceof YardError ? error.code : 'BUG'}),
      durationMillis: Math.max(0, yard.clock.now().getTime() - startedAt.getTime()),
    })
  } catch (failure) {
    if (error !== undefined) return
    const why = failure instanceof YardError ? failure.message : String(failure)
    yard.report({kind: 'warning', text: `the audit has no row of this: ${why}`})
  }
}

/** Which words of a command line are what, from what the command declares. */
export function shapeOf(command: Pick<typeof Command, 'args' | 'baseFlags' | 'flags'>): CommandShape {
  const declared = Object.entries({...command.baseFlags, ...command.flags})
  const flags = declared.map(([name, {char, type}]) => {
    return [name, {...(char !== undefined && {char}), takesValue: type === 'option'}] as const
  })
  return {
    flags: {json: {takesValue: false}, ...Object.fromEntries(flags)},
    args: Object.keys(command.args),
  }
}

/** As git knows the person, which is never worth a failure. */
async function gitIdentity(yard: Yard): Promise<string | undefined> {
  try {
    return await (await yard.repository()).identity(yard.workingDirectory)
  } catch {
    return undefined
  }
}

/** Over HTTP the server knows the caller by a token. */
async function tokenName(store: Store & {tokenName?: () => Promise<string | undefined>}) {
  return nameIn(await store.tokenName?.().catch(() => undefined))
}

/** What was typed where a service belongs was none: it may be anything, a value that lost its name among them. */
function isAboutNothing({error, flags}: AuditedCommand): boolean {
  const codes: readonly string[] = ['E_NAME_INVALID', 'E_SERVICE_UNKNOWN', 'E_USAGE']
  return flags['shared'] === true || (error instanceof YardError && codes.includes(error.code))
}

/** Named by an argument or a flag, else by what the command returned or by why it failed. */
function serviceOf(audited: AuditedCommand): string | undefined {
  const {args, error, flags, result} = audited
  if (isAboutNothing(audited)) return undefined
  const details = error instanceof YardError ? error.details : undefined
  return (
    nameIn(args['service']) ??
    nameIn(args['consumer']) ??
    nameIn(flags['service']) ??
    serviceIn(result) ??
    nameIn(details?.['service'])
  )
}

function serviceIn(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null || !('service' in result)) return undefined
  const {service} = result
  if (typeof service === 'string') return nameIn(service)
  return typeof service === 'object' && service !== null && 'name' in service
    ? nameIn(service.name)
    : undefined
}

function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && isName(value) ? value : undefined
}
