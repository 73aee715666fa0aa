import assert from 'node:assert/strict'
import {test} from 'node:test'

import {testApp} from './support.js'

test('is alive and ready', async () => {
  const {app} = testApp()

  assert.equal((await app.inject('/livez')).statusCode, 200)
  assert.equal((await app.inject('/readyz')).statusCode, 200)
})

test('is not ready while draining, but alive and serving', async () => {
  const {app} = testApp()
  app.draining = true

  assert.equal((await app.inject('/readyz')).statusCode, 503)
  assert.equal((await app.inject('/livez')).statusCode, 200)
  assert.equal((await app.inject('/')).headers.connection, 'close')
})

test('every answer names the release', async () => {
  const {app} = testApp()

  for (const path of ['/', '/readyz', '/nowhere', `/greetings/${'a'.repeat(51)}`]) {
    assert.equal((await app.inject(path)).headers['yard-release'], 'test-r1', path)
  }
})
