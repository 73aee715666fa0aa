import {type CommandRunner, type RunResult} from '../../contracts/command-runner.js'
import {printable} from '../../domain/names.js'
import {parseSecretReference, type ToolCommand, toolCommand} from '../../domain/secret-reference.js'
import {YardError} from '../../errors.js'

export interface ReferenceNeeds {
  commands: CommandRunner
  /** What the tools themselves need to log in, such as `AWS_PROFILE`. */
  toolVariables: Readonly<Record<string, string>>
}

export interface ReferenceRequest {
  reference: string
  /** Files are relative to it: the directory of the release. */
  directory: string
  signal?: AbortSignal | undefined
}

const deadlineMillis = 30_000
const maxOutputBytes = 256 * 1024

/**
 * Asks the tool of another store for a secret. Its output is kept from logs and messages.
 * @throws YardError E_SECRET_REFERENCE, or E_SECRET_TOOL when the tool is missing, refuses or takes too long.
 */
export async function resolveReference(needs: ReferenceNeeds, request: ReferenceRequest): Promise<string> {
  const tool = toolCommand(parseSecretReference(request.reference))
  const result = await needs.commands.run(
    {file: tool.file, args: tool.args},
    {
      directory: request.directory,
      variables: {...needs.toolVariables},
      deadlineMillis,
      captureBytes: maxOutputBytes,
      ...(request.signal !== undefined && {signal: request.signal}),
    },
  )
  request.signal?.throwIfAborted()
  if (result.outcome !== 'succeeded') throw refusedBy(tool, request.reference, result)
  const value = result.stdout === undefined ? undefined : answerOf(tool, result.stdout)
  if (value === undefined || value === '' || value.includes('\0')) {
    throw toolFailure(tool, request.reference, 'it answered with nothing that can be a variable')
  }
  return value
}

function answerOf({answer}: ToolCommand, stdout: string): string | undefined {
  if (answer === 'text') return stdout.replace(/\r?\n$/, '')
  try {
    const value: unknown = JSON.parse(stdout)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function refusedBy(tool: ToolCommand, reference: string, result: RunResult): YardError {
  if (result.outcome === 'not-found') {
    return new YardError('E_SECRET_TOOL', {
      what: `Can't open ${printable(reference)}`,
      why: `the program ${tool.file} is not installed where it is opened`,
      next: [tool.install, `command -v ${tool.file}`],
    })
  }
  if (result.outcome === 'timed-out') {
    return toolFailure(tool, reference, `it gave no answer within ${deadlineMillis / 1_000} s`)
  }
  const said = result.lastLines.filter((line) => line.trim() !== '').at(-1)
  const how = result.signal ?? `exit ${result.exitCode ?? 'unknown'}`
  return toolFailure(tool, reference, said === undefined ? `it ended with ${how}` : `${how}, ${shown(said)}`)
}

function toolFailure(tool: ToolCommand, reference: string, why: string): YardError {
  return new YardError('E_SECRET_TOOL', {
    what: `Can't open ${printable(reference)}`,
    why: `${tool.file} did not give it: ${why}`,
    next: [[tool.file, ...tool.args].map(quoted).join(' ')],
  })
}

/** The tool's own words about what went wrong; it writes secrets to stdout, which is not among them. */
function shown(line: string): string {
  return line.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ').slice(0, 300)
}

/** For a line to paste; the words hold neither quotes of this kind nor line breaks. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(word) ? word : `'${word}'`
}
