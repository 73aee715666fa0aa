// A steady stream of WebSockets of three seconds each, with a count of those that ended before their caller said so.
import {randomBytes} from 'node:crypto'
import {once} from 'node:events'
import http from 'node:http'
import {setTimeout as pause} from 'node:timers/promises'

const words = 12
const wordMillis = 250
const answerMillis = 10_000
const textFrame = 0x81
const closeFrame = 0x88

export function startSockets({url, headers, perSecond}) {
  const counts = {answered: 0, failed: 0, firstFailure: undefined}
  const underWay = new Set()
  const timer = setInterval(() => {
    const finished = converse(url, headers).then(
      () => (counts.answered += 1),
      (error) => {
        counts.failed += 1
        counts.firstFailure ??= error.code ?? error.message
      },
    )
    underWay.add(finished)
    void finished.finally(() => underWay.delete(finished))
  }, 1000 / perSecond)

  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      return counts
    },
  }
}

async function converse(url, headers) {
  const socket = await upgraded(url, headers)
  try {
    for (let word = 0; word < words; word += 1) {
      await sayAndHear(socket, textFrame, `word ${word}`)
      await pause(wordMillis)
    }
    await sayAndHear(socket, closeFrame, '')
  } finally {
    socket.destroy()
  }
}

async function upgraded(url, headers) {
  const key = randomBytes(16).toString('base64')
  const asked = {Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13'}
  const call = http.get(url, {
    headers: {...headers, ...asked, 'Sec-WebSocket-Key': key},
    agent: false,
    timeout: answerMillis,
  })
  call.on('timeout', () => call.destroy(new Error(`no WebSocket in ${answerMillis} ms`)))
  call.on('response', ({statusCode}) => call.destroy(new Error(`status ${statusCode} for a WebSocket`)))
  const [, socket] = await once(call, 'upgrade')
  socket.setTimeout(0)
  // Between two words; whoever speaks next sees that it's closed.
  socket.on('error', () => undefined)
  return socket
}

/** Sends one short masked frame and waits until the same comes back. */
async function sayAndHear(socket, kind, text) {
  if (socket.destroyed) throw new Error('a WebSocket was closed by the other side')
  const mask = randomBytes(4)
  const masked = Buffer.from(text).map((byte, index) => byte ^ mask[index % 4])
  const settled = new AbortController()
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(answerMillis)])
  const heard = Promise.race([
    once(socket, 'data', {signal}).then(([frame]) => frame),
    once(socket, 'close', {signal}).then(() => undefined),
  ])
  socket.write(Buffer.concat([Buffer.from([kind, 0x80 | masked.length]), mask, masked]))
  const frame = await heard.finally(() => settled.abort())
  if (frame === undefined) throw new Error('a WebSocket was closed by the other side')
  if (frame.subarray(2).toString() !== text) throw new Error('a WebSocket got another answer')
}
