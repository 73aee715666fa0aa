import {existsSync, statSync} from 'node:fs'
import path from 'node:path'

import {readStopRequest, stopFileName} from './records.js'

const lookMillis = 500

/** Somebody wants the process stopped: by SIGTERM, by a stop file, or by removing its directory. */
export interface StopWish {
  signal: AbortSignal
  wished: Promise<void>
  /** When SIGKILL is due, in milliseconds since 1970; infinite before there is a wish. */
  killAt(): number
}

/** Listens for the whole life of the keeper. A second, shorter request shortens the first. */
export function listenForStop(directory: string, usualGraceMillis: number): StopWish {
  const controller = new AbortController()
  const inode = statSync(directory).ino
  let killAt = Number.POSITIVE_INFINITY
  const wish = () => {
    const graceMillis = readStopRequest(directory)?.graceMillis ?? usualGraceMillis
    killAt = Math.min(killAt, Date.now() + graceMillis)
    controller.abort()
  }
  const look = () => {
    if (
      !controller.signal.aborted &&
      (isGone(directory, inode) || existsSync(path.join(directory, stopFileName)))
    )
      wish()
  }
  process.on('SIGTERM', wish)
  setInterval(look, lookMillis).unref()
  const wished = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), {once: true})
  })
  return {signal: controller.signal, wished, killAt: () => killAt}
}

function isGone(directory: string, inode: number): boolean {
  try {
    return statSync(directory).ino !== inode
  } catch {
    return true
  }
}
