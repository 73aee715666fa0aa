import {randomBytes} from 'node:crypto'

import {type Client, type ClientChannel} from 'ssh2'

import {type RemoteCommand, type RemoteResult} from '../../contracts/remote-shell.js'
import {commandLine, quoted} from './quote.js'

const maxOutputBytes = 64 * 1024 * 1024

/**
 * Runs a command on a connection. Undefined when it surely didn't start, so that it may be tried again. The command
 * is ended over there, too, when its time is over: closing a channel leaves it running.
 */
export function runOn(client: Client, command: RemoteCommand): Promise<RemoteResult | undefined> {
  const mark = `yard-${randomBytes(9).toString('hex')}`
  const line = marked(command, mark)
  return new Promise((resolve) => {
    const output = new Capture(mark)
    const errors = new Capture(mark)
    let channel: ClientChannel | undefined
    let exit: Exit | undefined
    const finish = (result: RemoteResult | undefined) => {
      clearTimeout(timer)
      client.removeListener('close', onLost)
      resolve(result)
    }
    const end = (outcome: RemoteResult['outcome']) => {
      finish({outcome, ...exit, stdout: output.text(), stderr: errors.text()})
    }
    const onLost = () => end('lost')
    const timer = setTimeout(() => {
      end('timed-out')
      channel?.signal('TERM')
      channel?.destroy()
    }, command.deadlineMillis)
    client.on('close', onLost)
    const onChannel = (opened: ClientChannel) => {
      channel = opened
      opened.on('error', () => undefined)
      opened.on('exit', (code: number | null, signal?: string) => {
        exit = {...(code !== null && {exitCode: code}), ...(signal !== undefined && {signal})}
      })
      opened.on('data', (chunk: Buffer) => output.add(chunk))
      opened.stderr.on('data', (chunk: Buffer) => errors.add(chunk))
      opened.on('close', () => end(outcomeOf(exit, output)))
      opened.end(command.input ?? '')
    }
    try {
      client.exec(line, (error, opened) => (error === undefined ? onChannel(opened) : finish(undefined)))
    } catch {
      finish(undefined)
    }
  })
}

type Exit = Pick<RemoteResult, 'exitCode' | 'signal'>

/** What a login shell prints before the command begins ends with the mark, on both streams. */
function marked({args, deadlineMillis, file}: RemoteCommand, mark: string): string {
  const seconds = Math.ceil(deadlineMillis / 1000) + 1
  const words = commandLine(['timeout', '-k', '2', String(seconds), file, ...args])
  const say = `printf '%s\\n' ${quoted(mark)}`
  return `${say}; ${say} >&2; exec ${words}`
}

function outcomeOf(exit: Exit | undefined, output: Capture): RemoteResult['outcome'] {
  // No exit code and no signal: nobody knows what became of it.
  if (exit === undefined) return 'lost'
  return exit.exitCode === 0 && output.hasBegun() && !output.isCut ? 'succeeded' : 'failed'
}

class Capture {
  isCut = false
  private readonly chunks: Buffer[] = []
  private length = 0

  constructor(private readonly mark: string) {}

  add(chunk: Buffer): void {
    this.isCut ||= this.length + chunk.length > maxOutputBytes
    if (this.isCut) return
    this.length += chunk.length
    this.chunks.push(chunk)
  }

  hasBegun(): boolean {
    return Buffer.concat(this.chunks).includes(`${this.mark}\n`)
  }

  /** Everything when the mark is missing: then it is the login shell that says what is wrong. */
  text(): string {
    const all = Buffer.concat(this.chunks)
    const at = all.indexOf(`${this.mark}\n`)
    return all.subarray(at === -1 ? 0 : at + this.mark.length + 1).toString('utf8')
  }
}
