import {randomBytes} from 'node:crypto'
import {constants} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'

import {type RemoteCommand, type RemoteResult} from '../../contracts/remote-shell.js'
import {FirstBytes} from './capture.js'
import {type Connection} from './connection.js'
import {MarkedAnswer} from './marked-answer.js'
import {commandLine} from './quote.js'
import {type RunningProgram} from './running-program.js'
import {type Unbegun, type Unstarted} from './session.js'
import {startProgram} from './start-program.js'

/** How long a machine may take to begin to end a command whose time is over. */
const expiredMillis = 2_000
/** What a shell adds to the number of the signal that ended a program. */
const killed = 128

interface Kept {
  connection: Connection
  program: RunningProgram
  heard: {answer: MarkedAnswer | undefined}
  hasEnded: boolean
}

/**
 * A shell that stays over there and runs one command after the other, which the sshd takes for one: it makes no process
 * and no login shell for each. It ends with the connection, and with a command that has to be ended.
 */
export class KeptShell {
  private kept: Kept | undefined
  private isAtWork = false

  /** Whether it may run this command now; its input goes through a here-document. */
  takes({input = '', isOneOfMany = false}: RemoteCommand): boolean {
    if (!isOneOfMany || this.isAtWork || typeof input !== 'string') return false
    return (input === '' || input.endsWith('\n')) && !input.includes('\0')
  }

  /** Gives its session back, unless it is at work: an sshd may allow very few. */
  async release(): Promise<void> {
    if (this.isAtWork) return
    const {kept} = this
    this.kept = undefined
    kept?.program.endInput()
    await kept?.program.ended
  }

  async run(connection: Connection, command: RemoteCommand): Promise<RemoteResult | Unbegun> {
    this.isAtWork = true
    try {
      const kept = await this.keptOn(connection)
      if (kept === 'refused' || kept === 'gone') return kept
      if (typeof kept === 'string') return {outcome: kept, stdout: '', stderr: ''}
      return await this.ask(kept, command)
    } finally {
      this.isAtWork = false
    }
  }

  private async keptOn(connection: Connection): Promise<Kept | Unstarted> {
    if (this.kept?.connection === connection && !this.kept.hasEnded) return this.kept
    this.kept = undefined
    // Of this program alone: what one that was given up still writes is nobody's answer.
    const heard: {answer: MarkedAnswer | undefined} = {answer: undefined}
    const program = await startProgram(
      connection,
      {file: 'sh', args: []},
      {
        hear: (chunk) => {
          heard.answer?.output.add(chunk)
          return undefined
        },
        output: new FirstBytes(0),
        errors: {add: (chunk) => heard.answer?.errors.add(chunk), isCut: false, text: () => ''},
      },
    )
    if (typeof program === 'string') return program
    const kept = {connection, program, heard, hasEnded: false}
    this.kept = kept
    void program.ended.then(() => (kept.hasEnded = true))
    return kept
  }

  private async ask({heard, program}: Kept, command: RemoteCommand): Promise<RemoteResult> {
    const mark = `yard-${randomBytes(18).toString('hex')}`
    const text = commandText(mark, command)
    const answer = new MarkedAnswer(mark)
    heard.answer = answer
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'timed-out'>((resolve) => {
      timer = setTimeout(() => resolve('timed-out'), command.deadlineMillis)
    })
    const lost = program.ended.then(() => 'lost' as const)
    void program.write(text)
    const end = await Promise.race([answer.code, late, lost])
    clearTimeout(timer)
    heard.answer = undefined
    const said = {stdout: answer.output.text(), stderr: answer.errors.text()}
    if (typeof end === 'number') return {...endOf(end), ...said}
    this.kept = undefined
    await Promise.race([program.stop(), sleep(expiredMillis, undefined, {ref: false})])
    return end === 'too-long' ? {outcome: 'failed', ...said} : {outcome: end, ...said}
  }
}

/** It gets nothing of what comes after it: its input is a here-document, or nothing. @throws YardError E_USAGE */
function commandText(mark: string, {args, file, input = ''}: RemoteCommand): string {
  const given =
    input === '' || typeof input !== 'string' ? ' < /dev/null\n' : ` <<'${mark}'\n${input}${mark}\n`
  const told = `printf '\\n%s %s\\n' ${mark} $code`
  return `(exec ${commandLine([file, ...args])})${given}code=$?\n${told}\n${told} >&2\n`
}

function endOf(code: number): Pick<RemoteResult, 'exitCode' | 'outcome' | 'signal'> {
  if (code === 0) return {outcome: 'succeeded', exitCode: code}
  const [signal] = Object.entries(constants.signals).find(([, number]) => number + killed === code) ?? []
  return {outcome: 'failed', ...(signal === undefined ? {exitCode: code} : {signal})}
}
