import {spawn} from 'node:child_process'

import {type RemoteCommand, type RemoteResult, type RemoteShell} from '../../../src/contracts/remote-shell.js'

/** Runs commands on this machine as sshd would over there: for tests of what scripts do, by the hundred. */
export function shellHere(answer?: (command: RemoteCommand) => RemoteResult): RemoteShell {
  const no = () => Promise.reject(new Error('not of this shell'))
  return {
    host: 'web-1',
    run: (command) => (answer === undefined ? runHere(command) : Promise.resolve(answer(command))),
    stream: no,
    forward: no,
    askSocket: no,
    close: () => Promise.resolve(),
  }
}

async function runHere({args, file, input = ''}: RemoteCommand): Promise<RemoteResult> {
  const child = spawn(file, args, {stdio: 'pipe'})
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  const ended = new Promise<{code: number | null; signal: string | null}>((resolve) =>
    child.on('close', (code, signal) => resolve({code, signal})),
  )
  if (typeof input === 'string' || input instanceof Uint8Array) child.stdin.end(input)
  else {
    for await (const chunk of input) child.stdin.write(chunk)
    child.stdin.end()
  }
  const {code, signal} = await ended
  return {
    outcome: code === 0 ? 'succeeded' : 'failed',
    ...(code !== null && {exitCode: code}),
    ...(signal !== null && {signal}),
    stdout,
    stderr,
  }
}
