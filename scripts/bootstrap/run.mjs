import {spawn, spawnSync} from 'node:child_process'

/** Runs a program with its output shown; ends this script with the same code when it fails. */
export function runOrExit(file, args, options = {}) {
  const {status, signal} = spawnSync(file, args, {stdio: 'inherit', ...options})
  if (status !== 0) process.exit(signal === null ? (status ?? 1) : 130)
}

/** Runs a program silently; its output when it succeeds, undefined otherwise. */
export function outputOf(file, args, options = {}) {
  const {status, stdout} = spawnSync(file, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options,
  })
  return status === 0 ? stdout : undefined
}

/** Runs a program quietly and returns whether it succeeded, with what it wrote. */
export function attempt(file, args, options = {}) {
  const {status, stdout, stderr} = spawnSync(file, args, {encoding: 'utf8', ...options})
  return {succeeded: status === 0, output: `${stdout ?? ''}${stderr ?? ''}`}
}

/** Runs a program with its output shown and passed on line by line. Resolves with its exit code. */
export function runAndListen(file, args, options, onText) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'pipe'], ...options})
    for (const [stream, target] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (chunk) => {
        target.write(chunk)
        onText(chunk.toString())
      })
    }
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}
