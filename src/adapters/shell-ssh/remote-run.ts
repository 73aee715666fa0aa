import {type RemoteCommand, type RemoteProgram, type RemoteResult} from '../../contracts/remote-shell.js'
import {FirstBytes} from './capture.js'
import {type Connection} from './connection.js'
import {type Unbegun} from './session.js'
import {startProgram} from './start-program.js'

const maxOutputBytes = 64 * 1024 * 1024
const pieceBytes = 256 * 1024

/** Runs a command on a connection to its end, or says that it surely didn't start, so that it may be tried again. */
export async function runOn(connection: Connection, command: RemoteCommand): Promise<RemoteResult | Unbegun> {
  const output = new FirstBytes(maxOutputBytes)
  const errors = new FirstBytes(maxOutputBytes)
  const hear = (chunk: Buffer) => {
    output.add(chunk)
    return undefined
  }
  const program = await startProgram(connection, command, {hear, output, errors})
  if (program === 'refused' || program === 'gone') return program
  if (typeof program === 'string') return {outcome: program, stdout: '', stderr: ''}
  return feed(program, command.input)
}

/** Gives a program its input as it takes it, and waits for its end, whether or not it took all. */
async function feed(program: RemoteProgram, input: RemoteCommand['input']): Promise<RemoteResult> {
  const pieces = piecesOf(input ?? '')
  const fed = give(program, pieces).then(() => program.ended)
  try {
    return await Promise.race([program.ended, fed])
  } catch (error) {
    // Before it takes what it got for all.
    await program.stop()
    throw error
  } finally {
    // One that waits for a source which never says anything isn't waited for.
    fed.catch(() => undefined)
    void Promise.resolve(pieces.return?.()).catch(() => undefined)
  }
}

async function give(
  program: RemoteProgram,
  pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>,
): Promise<void> {
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    if (!(await program.write(next.value))) return
  }
  program.endInput()
}

/** Views of it: what is long isn't held a second time. */
function piecesOf(
  input: NonNullable<RemoteCommand['input']>,
): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  if (isStream(input)) return input[Symbol.asyncIterator]()
  return slices(typeof input === 'string' ? Buffer.from(input) : input)
}

function* slices(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes)
}

function isStream(input: RemoteCommand['input']): input is AsyncIterable<Uint8Array> {
  return typeof input === 'object' && Symbol.asyncIterator in input
}
