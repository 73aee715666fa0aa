import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {test} from 'node:test'

import {envExample, readConfig} from '../src/config.js'

test('has a default for every variable', () => {
  assert.ok(readConfig({}).ok)
})

test('drains only behind yard unless told otherwise', () => {
  const drain = (environment: Record<string, string>) => {
    const result = readConfig(environment)
    return result.ok && result.config.drainMillis
  }

  assert.equal(drain({}), 0)
  assert.equal(drain({YARD_RELEASE: 'a-r1'}), 2500)
  assert.equal(drain({YARD_RELEASE: 'a-r1', DRAIN_MILLIS: '10'}), 10)
})

test('names every wrong variable and no value', () => {
  const result = readConfig({PORT: '70000', LOG_LEVEL: 'loud', DRAIN_MILLIS: 'hunter2'})

  assert.ok(!result.ok)
  assert.deepEqual(
    result.errors.map((error) => error.split(' ')[0]),
    ['PORT', 'LOG_LEVEL', 'DRAIN_MILLIS'],
  )
  assert.doesNotMatch(result.errors.join(), /70000|loud|hunter2/)
})

test('.env.example lists every variable', () => {
  assert.equal(readFileSync('.env.example', 'utf8'), envExample())
})
