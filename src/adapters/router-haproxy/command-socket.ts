import {connect} from 'node:net'

/** HAProxy cuts what is longer than its buffer (16 kB) without a word. */
const longestRequestBytes = 12_000
const answerTimeoutMillis = 5_000

/**
 * Sends a line to a socket of HAProxy and returns all it answers; undefined when nobody is there or the answer
 * breaks off.
 * @param halfClose the master's socket stays open until told that nothing more comes
 */
export function ask(socketPath: string, line: string, halfClose = false): Promise<string | undefined> {
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

/** Sends batches of commands, none of them torn apart; returns the answers, or undefined when one went missing. */
export async function askInBatches(
  socketPath: string,
  batches: readonly string[][],
): Promise<string | undefined> {
  const answers: string[] = []
  for (const line of packed(batches)) {
    const answer = await ask(socketPath, `set severity-output number;${line}`)
    if (answer === undefined) return undefined
    answers.push(answer)
  }
  return answers.join('\n')
}

function packed(batches: readonly string[][]): string[] {
  const lines: string[] = []
  let line = ''
  for (const batch of batches.map((commands) => commands.join(';'))) {
    if (line !== '' && line.length + batch.length > longestRequestBytes) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? batch : `;${batch}`
  }
  return line === '' ? lines : [...lines, line]
}
