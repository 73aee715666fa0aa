import {type RemoteStreamCommand, type RemoteStreamOptions} from '../../contracts/remote-shell.js'
import {FirstBytes, LastBytes} from './capture.js'
import {type Connection} from './connection.js'
import {LineSplitter} from './line-splitter.js'
import {type RunningProgram} from './running-program.js'
import {type Unstarted} from './session.js'
import {type Listening, startProgram} from './start-program.js'

const maxOutputBytes = 64 * 1024 * 1024
const lastErrorBytes = 64 * 1024

/** Starts a program on a connection; whoever listens gets what it writes as it comes. */
export function streamOn(
  connection: Connection,
  command: RemoteStreamCommand,
  options: RemoteStreamOptions,
): Promise<RunningProgram | Unstarted> {
  return startProgram(connection, command, {
    ...heardBy(options),
    errors: new LastBytes(lastErrorBytes),
    signal: options.signal,
  })
}

function heardBy({onData, onLine}: RemoteStreamOptions): Pick<Listening, 'hear' | 'hearEnd' | 'output'> {
  const output = new FirstBytes(maxOutputBytes)
  if (onData !== undefined) return {output, hear: (chunk) => onData(chunk) ?? undefined}
  if (onLine !== undefined) {
    const lines = new LineSplitter(onLine)
    return {output, hear: (chunk) => lines.add(chunk), hearEnd: () => lines.end()}
  }
  return {
    output,
    hear: (chunk) => {
      output.add(chunk)
      return undefined
    },
  }
}
