// Runs on the inside of a network host, and does there what a test tells it over its channel: instances that answer
// with their names, load, and a door for connections from outside.
import {rmSync} from 'node:fs'
import http from 'node:http'
import net from 'node:net'

import {startLoad} from './load.mjs'

const instances = new Map()
const loads = new Map()

const tasks = {
  serve,
  change,
  counts: () => [...instances.values()].map(({name, port, requests, seen}) => ({name, port, requests, seen})),
  'open-door': openDoor,
  'start-load': ({name, ...options}) => void loads.set(name, startLoad(options)),
  'look-at-load': ({name}) => loads.get(name)?.counts,
  async 'stop-load'({name}) {
    const counts = await loads.get(name)?.stop()
    loads.delete(name)
    return counts
  },
}

process.on('message', ({id, task, options}) => {
  Promise.resolve()
    .then(() => tasks[task](options))
    .then(
      (result) => process.send({id, result}),
      (error) => process.send({id, error: String(error)}),
    )
})
process.on('disconnect', () => process.exit())

/** An instance: `{name, port}`. It answers its name, says on /readyz whether it's ready, and counts what it was asked. */
async function serve({name, port, isReady = true}) {
  const instance = {name, port, isReady, requests: 0, checks: 0, seen: undefined, server: undefined}
  instances.set(port, instance)
  await listen(instance)
}

/** `{port, isReady}` or `{port, isListening}`: as a process that's unwell, or that ended. */
async function change({port, isReady, isListening}) {
  const instance = instances.get(port)
  if (isReady !== undefined) instance.isReady = isReady
  if (isListening === true && instance.server === undefined) await listen(instance)
  if (isListening === false && instance.server !== undefined) {
    const {server} = instance
    instance.server = undefined
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

function listen(instance) {
  // Longer than HAProxy keeps an idle connection to a server: only one of the two sides hangs up.
  const server = http.createServer({keepAliveTimeout: 120_000}, (request, response) => {
    if (request.url === '/readyz') {
      response.writeHead(instance.isReady ? 200 : 503).end()
      return
    }
    instance.requests += 1
    instance.seen = {url: request.url, headers: request.rawHeaders}
    request.resume()
    response.writeHead(200, {'content-type': 'application/json', 'yard-test': instance.name})
    // An answer that never ends holds on to whoever carries it.
    if (request.url === '/endless') {
      response.write('begun')
      return
    }
    response.end(JSON.stringify({name: instance.name, url: request.url, headers: request.headers}))
  })
  instance.server = server
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(instance.port, '0.0.0.0', () => resolve(undefined))
  })
}

/** Connections to a Unix socket name an `address:port` of the inside in their first line, and are led there. */
function openDoor({socket}) {
  rmSync(socket, {force: true})
  const server = net.createServer({allowHalfOpen: true}, (outer) => {
    outer.on('error', () => undefined)
    outer.once('data', (chunk) => {
      const end = chunk.indexOf('\n')
      const [host, port] = chunk.subarray(0, end).toString().split(':')
      const inner = net.connect({host, port: Number(port), allowHalfOpen: true})
      inner.on('error', () => outer.destroy())
      outer.on('close', () => inner.destroy())
      inner.on('close', () => outer.destroy())
      inner.write(chunk.subarray(end + 1))
      outer.pipe(inner)
      inner.pipe(outer)
    })
  })
  return new Promise((resolve) => server.listen(socket, () => resolve(undefined)))
}
