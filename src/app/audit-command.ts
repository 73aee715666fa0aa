import {recordAudit} from '../catalog/audit.js'
import {isName} from '../domain/names.js'
import {YardError} from '../errors.js'
import {type Yard} from './yard.js'

export interface AuditedCommand {
  command: string
  argv: readonly string[]
  startedAt: Date
  error: Error | undefined
}

/** Keeps what a changing command did. Words of the command line are left out: they may hold secrets. */
export async function auditCommand(
  yard: Yard,
  {argv, command, error, startedAt}: AuditedCommand,
): Promise<void> {
  const environment = valueOf(argv, ['--env', '-e']) ?? 'local'
  try {
    await recordAudit(await yard.catalog(), {
      at: startedAt.toISOString(),
      by: yard.actor,
      host: yard.machine,
      command: command.replaceAll(':', ' '),
      ...(isName(environment) && {environment}),
      outcome: error === undefined ? 'done' : 'failed',
      ...(error !== undefined && {code: error instanceof YardError ? error.code : 'BUG'}),
      durationMillis: Math.max(0, Date.now() - startedAt.getTime()),
    })
  } catch (failure) {
    // What the command did or why it failed is more important than the row about it.
    if (error === undefined)
      yard.report({kind: 'warning', text: `the audit has no row of this: ${String(failure)}`})
  }
}

function valueOf(argv: readonly string[], names: readonly string[]): string | undefined {
  const index = argv.findIndex((word) => names.includes(word))
  if (index !== -1) return argv[index + 1]
  return argv.find((word) => word.startsWith('--env='))?.slice('--env='.length)
}
