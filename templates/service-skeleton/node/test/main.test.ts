import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {test} from 'node:test'

const main = 'dist/src/main.js'

/** Starts the service as the Procfile does, on a free port, and waits until it listens. */
async function start(variables: Record<string, string>) {
  const child = spawn(process.execPath, [main], {env: {...process.env, PORT: '0', ...variables}})
  const exit = once(child, 'exit')
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk.toString())
      if (address) resolve(address[0])
    })
  })
  return {child, exit, url: await Promise.race([listening, exit.then(() => 'it ended')])}
}

test('SIGTERM: not ready at once, still serving, then exit 0', async () => {
  const {child, exit, url} = await start({DRAIN_MILLIS: '1000', HOST: '127.0.0.1'})
  assert.equal((await fetch(`${url}/readyz`)).status, 200)

  child.kill('SIGTERM')

  let ready = 200
  while (ready === 200) ready = (await fetch(`${url}/readyz`)).status
  assert.equal(ready, 503)
  assert.equal((await fetch(`${url}/greetings/Ada`)).status, 200)
  assert.deepEqual(await exit, [0, null])
})

test('a wrong configuration ends with exit 78 and says what is wrong', async () => {
  const child = spawn(process.execPath, [main], {env: {...process.env, PORT: 'http', LOG_LEVEL: 'loud'}})
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))

  const [code] = (await once(child, 'close')) as [number]

  assert.equal(code, 78)
  assert.match(errors, /PORT must be[^]*LOG_LEVEL must be/)
})
