import {type Writable} from 'node:stream'

const lookMillis = 100

/**
 * Writes lines as fast as they are read at the other end, until they end or nobody reads them any more: then
 * `stop` is called, so that a follower doesn't wait for the next line to find out. `isRead` is asked now and then.
 */
export async function writeLines(
  lines: AsyncIterable<string>,
  output: Writable,
  stop: () => void,
  isRead: () => boolean = () => true,
): Promise<void> {
  const closed = new AbortController()
  const close = () => {
    closed.abort()
    stop()
  }
  output.once('close', close)
  output.once('error', close)
  const look = setInterval(() => (isRead() ? undefined : close()), lookMillis)
  try {
    for await (const line of lines) {
      if (closed.signal.aborted) break
      if (!output.write(`${line}\n`)) await writable(output)
    }
  } finally {
    clearInterval(look)
    output.off('close', close)
  }
}

function writable(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'close', 'error']) output.off(name, done)
      resolve()
    }
    for (const name of ['drain', 'close', 'error']) output.on(name, done)
  })
}
