import {type RunResult} from '../../contracts/command-runner.js'
import {type OneOffRequest} from '../../contracts/instance-host.js'
import {type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {hostCommand} from '../../domain/host-unit.js'
import {credentialOf} from './credentials.js'
import {hostFault} from './instances-program.js'
import {endInWords} from './units-states.js'

const maxLastBytes = 64 * 1024
const notFoundExitCode = 127
/** For systemd to end it, and to tell. */
const patienceMillis = 30_000
const pulseMillis = 5_000

/** Runs a process of a release to its end over there; it is ended when the connection breaks. */
export async function runOneOff(shell: RemoteShell, id: string, request: OneOffRequest): Promise<RunResult> {
  const {deadlineMillis, instance, signal} = request
  if (signal?.aborted === true) return {outcome: 'aborted', lastLines: []}
  const credential = await credentialOf(instance)
  const output = new LastLines(request.onLine)
  const program = await shell.stream(
    {
      ...hostCommand(wordsOf(shell.host, id, request, credential.length)),
      deadlineMillis: deadlineMillis + patienceMillis,
    },
    {onLine: (line) => output.add(line)},
  )
  const abort = () => program.endInput()
  const pulse = setInterval(() => void program.write('.').catch(() => undefined), pulseMillis)
  signal?.addEventListener('abort', abort, {once: true})
  try {
    await program.write(credential)
    // It may have aborted while the program was being started.
    if (isAborted(signal)) abort()
    const result = await program.ended
    return ended(shell.host, result, {isAborted: isAborted(signal), lastLines: output.lines})
  } finally {
    clearInterval(pulse)
    signal?.removeEventListener('abort', abort)
  }
}

function wordsOf(host: string, id: string, request: OneOffRequest, bytes: number): string[] {
  const {deadlineMillis, fence, instance} = request
  const {environment, limits, service} = instance
  return [
    ...['run', environment, service, String(fence?.number ?? '-'), host, id],
    ...[
      limits.memoryBytes ?? '-',
      limits.tasks ?? '-',
      Math.max(1, Math.ceil(deadlineMillis / 1000)),
      bytes,
    ].map(String),
  ].filter((word) => word !== '')
}

/** The last line on stderr says how it ended: the exit code, and what systemd makes of it. */
function ended(
  host: string,
  result: RemoteResult,
  {isAborted, lastLines}: {isAborted: boolean; lastLines: string[]},
): RunResult {
  const [, code, verdict = '', exit] =
    /^ended (\d{1,3}) ([a-z-]+) (-|[a-z]+:[A-Z0-9-]+)$/m.exec(result.stderr) ?? []
  if (code === undefined) {
    if (isAborted) return {outcome: 'aborted', lastLines}
    throw hostFault(host, 'run', result)
  }
  const [kind, status = ''] = exit?.split(':') ?? []
  const end =
    kind === 'killed' || kind === 'dumped'
      ? {signal: `SIG${status}`}
      : {exitCode: Number(kind === 'exited' ? status : code)}
  if (isAborted) return {outcome: 'aborted', ...end, lastLines}
  if (verdict === 'timeout') return {outcome: 'timed-out', ...end, lastLines}
  const words = verdict === 'oom-kill' ? [...lastLines, endInWords(verdict, exit) ?? ''] : lastLines
  // A part of it was killed: that its first process ended well says nothing then.
  if (end.exitCode === 0 && verdict !== 'oom-kill') return {outcome: 'succeeded', ...end, lastLines}
  return {outcome: end.exitCode === notFoundExitCode ? 'not-found' : 'failed', ...end, lastLines: words}
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** What it wrote last, however much it writes. */
class LastLines {
  readonly lines: string[] = []
  private bytes = 0

  constructor(private readonly onLine: ((line: string) => void) | undefined) {}

  add(line: string): void {
    this.onLine?.(line)
    this.lines.push(line)
    this.bytes += Buffer.byteLength(line)
    while (this.bytes > maxLastBytes && this.lines.length > 1) {
      this.bytes -= Buffer.byteLength(this.lines.shift() ?? '')
    }
  }
}
