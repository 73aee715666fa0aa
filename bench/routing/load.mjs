import {once} from 'node:events'
import {fileURLToPath} from 'node:url'

import {startWithThis} from './haproxy.mjs'

const child = fileURLToPath(new URL('load-child.mjs', import.meta.url))

/** Callers with new and with kept connections; `stop` resolves with what they counted. */
export function startLoad(port, services) {
  const program = startWithThis(process.execPath, [child, String(port), ...services])
  let text = ''
  program.stdout.on('data', (bytes) => (text += bytes))
  return {
    async stop() {
      const closed = once(program.stdout, 'close')
      program.signal('SIGTERM')
      await closed
      if (text === '') throw new Error(`the callers ended: ${program.output()}`)
      return JSON.parse(text)
    },
  }
}

/** One line for people, and how many requests failed. */
export function loadLine({paced, fresh}) {
  const why = Object.entries({...paced.why, ...fresh.why}).map(([what, count]) => `${count} ${what}`)
  const text = `kept connections: ${paced.failed} of ${paced.requests} failed  new ones: ${fresh.failed} of ${fresh.requests} failed`
  return {text: why.length === 0 ? text : `${text}  (${why.join(', ')})`, failed: paced.failed + fresh.failed}
}
