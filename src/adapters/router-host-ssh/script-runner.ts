import {type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {YardError} from '../../errors.js'
import {scripts} from './scripts.js'

export type ScriptName = keyof typeof scripts

export interface ScriptCall {
  args: readonly string[]
  input?: string
  deadlineMillis?: number
  /** By sudo where somebody else than root logs in; as who logs in where sudo doesn't let them. */
  asRoot?: boolean
}

const usualDeadlineMillis = 30_000

/** Runs a script there and returns what came of it. @throws YardError E_HOST_UNREACHABLE when nobody knows */
export async function tryScript(
  shell: RemoteShell,
  name: ScriptName,
  call: ScriptCall,
): Promise<RemoteResult> {
  const {args, asRoot = false, deadlineMillis = usualDeadlineMillis, input} = call
  const words = asRoot ? [scripts.asRoot, `yard-${name}`, scripts[name]] : [scripts[name], `yard-${name}`]
  const result = await shell.run({
    file: 'sh',
    args: ['-c', ...words, ...args],
    deadlineMillis,
    isOneOfMany: !asRoot,
    ...(input !== undefined && {input}),
  })
  if (result.outcome !== 'lost' && result.outcome !== 'timed-out') return result
  throw new YardError('E_HOST_UNREACHABLE', {
    what: `Can't work on ${shell.host}`,
    why:
      result.outcome === 'lost' ? 'the connection broke' : `it didn't answer for ${deadlineMillis / 1000} s`,
    next: ['run the command again'],
    details: {host: shell.host, step: name},
  })
}

/**
 * Runs a script that has to succeed, and returns its output.
 * @throws YardError E_DISK_FULL, E_PERMISSION, E_HOST_UNREACHABLE
 */
export async function runScript(shell: RemoteShell, name: ScriptName, call: ScriptCall): Promise<string> {
  const result = await tryScript(shell, name, call)
  if (result.outcome === 'succeeded') return result.stdout
  throw scriptFault(shell.host, name, result)
}

export function scriptFault(host: string, step: ScriptName, result: RemoteResult): YardError {
  const said = lastLine(result.stderr) ?? lastLine(result.stdout)
  const details = {host, step, ...(said !== undefined && {said})}
  if (/No space left on device|Disk quota exceeded/.test(result.stderr)) {
    return new YardError('E_DISK_FULL', {
      what: `Can't write the HAProxy configuration on ${host}`,
      why: 'the disk is full',
      next: ['df -h /var/lib/yard   # there'],
      details,
    })
  }
  if (
    /Permission denied|Operation not permitted|Read-only file system|Access denied|authentication required/.test(
      result.stderr,
    )
  ) {
    return new YardError('E_PERMISSION', {
      what: `Can't look after HAProxy on ${host}`,
      why: said ?? 'this user may not',
      next: [
        'log in as root, or as the user that owns /var/lib/yard there: set ssh.user in yard.yaml',
        'ls -ld /var/lib/yard /run/yard   # there',
      ],
      details,
    })
  }
  const end =
    result.signal === undefined ? `exit code ${result.exitCode ?? 'none'}` : `killed by ${result.signal}`
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't work on ${host}`,
    why: `${said ?? 'its shell said nothing'} (${end})`,
    next: ['ssh there and look', 'run the command again'],
    details,
  })
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1)
    ?.slice(0, 500)
}
