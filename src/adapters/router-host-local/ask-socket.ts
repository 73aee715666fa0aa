import {connect} from 'node:net'

const answerTimeoutMillis = 5_000

/**
 * Sends a line to a socket of HAProxy and returns all it answers; undefined when nobody is there or the answer
 * breaks off.
 * @param halfClose the master's socket stays open until told that nothing more comes
 */
export function askSocket(socketPath: string, line: string, halfClose: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(socketPath)
    socket.setTimeout(answerTimeoutMillis, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => resolve(undefined))
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.on('close', () => resolve(undefined))
    if (halfClose) socket.end(`${line}\n`)
    else socket.write(`${line}\n`)
  })
}
