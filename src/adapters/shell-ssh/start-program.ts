import {randomBytes} from 'node:crypto'

import {type RemoteStreamCommand} from '../../contracts/remote-shell.js'
import {type Connection} from './connection.js'
import {programLine} from './lines.js'
import {type ProgramParts, RunningProgram} from './running-program.js'
import {openSession, type Unstarted} from './session.js'

/** How long an sshd may take to say that a program runs. */
const openMillis = 15_000

export type Listening = Pick<ProgramParts, 'hear' | 'hearEnd' | 'output' | 'errors' | 'signal'>

/** Starts a program over there. @throws YardError E_USAGE for what can't be put into a line */
export async function startProgram(
  connection: Connection,
  command: RemoteStreamCommand,
  listening: Listening,
): Promise<RunningProgram | Unstarted> {
  const {deadlineMillis = Infinity, silenceMillis} = command
  const mark = `yard-${randomBytes(9).toString('hex')}`
  const line = programLine(mark, command, !connection.tellsNumbers)
  const endsAt = performance.now() + deadlineMillis
  const opened = await openSession(connection, line, Math.min(deadlineMillis, openMillis), (channel) => {
    const left = Math.max(endsAt - performance.now(), 1)
    return new RunningProgram({
      ...listening,
      ...{connection, channel, mark, silenceMillis},
      deadlineMillis: deadlineMillis === Infinity ? undefined : left,
    })
  })
  // The program had more time: it is the machine that says nothing.
  return opened === 'timed-out' && deadlineMillis > openMillis ? 'lost' : opened
}
