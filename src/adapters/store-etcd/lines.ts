import {type IncomingMessage} from 'node:http'

import {type Answer, BadAnswer, objectOf, parseAnswer} from './wire.js'
import {refusalIn} from './refusal.js'

/** etcd splits a batch at its request limit, so no line comes near this. */
const largestLineBytes = 64 * 1024 * 1024

/**
 * The messages of a stream: one JSON text for each line.
 * @throws Refusal for an error that etcd sends, BadAnswer, and what ends the connection
 */
export async function* messagesOf(response: IncomingMessage): AsyncGenerator<Answer> {
  let rest: string[] = []
  let size = 0
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) {
    const [end = '', ...lines] = chunk.split('\n')
    rest.push(end)
    size += end.length
    if (size > largestLineBytes) throw new BadAnswer('it sent a line without an end')
    for (const line of lines) {
      const text = rest.join('')
      rest = [line]
      size = line.length
      if (text !== '') yield messageOf(text)
    }
  }
  // A proxy or an old gateway may end its last line with the connection.
  const last = rest.join('')
  if (last.trim() !== '') yield messageOf(last)
}

function messageOf(text: string): Answer {
  const message = parseAnswer(text)
  const refusal = refusalIn(message)
  if (refusal !== undefined) throw refusal
  return objectOf(message['result'])
}
