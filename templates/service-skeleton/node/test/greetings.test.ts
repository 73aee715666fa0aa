import assert from 'node:assert/strict'
import {test} from 'node:test'

import {testApp} from './support.js'

test('greets by name', async () => {
  const {app} = testApp({GREETING: 'Welcome'})

  const answer = await app.inject('/greetings/Ada')

  assert.equal(answer.statusCode, 200)
  assert.deepEqual(answer.json(), {greeting: 'Welcome, Ada'})
})

test('links to the greeting', async () => {
  const {app} = testApp()

  const {links} = (await app.inject('/')).json<{links: {greeting: string}}>()

  assert.equal((await app.inject(links.greeting)).statusCode, 200)
})

test('refuses a name that is too long', async () => {
  const {app} = testApp()

  assert.equal((await app.inject(`/greetings/${'a'.repeat(51)}`)).statusCode, 400)
})
