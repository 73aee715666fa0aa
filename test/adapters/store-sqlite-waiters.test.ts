import {expect, test} from '@jest/globals'

import {Waiters} from '../../src/adapters/store-sqlite/waiters.js'
import {eventually, never} from '../contracts/store-actions.js'

/** Waiters of a store whose state a test sets, and how often it was looked at. */
function waitersOf() {
  const store = {state: 'old', looks: 0, isUnreadable: false}
  const waiters = new Waiters(async () => {
    store.looks += 1
    if (store.isUnreadable) throw new Error('unreadable')
    return store.state
  })
  return {store, waiters}
}

test('one look serves all who wait', async () => {
  const {store, waiters} = waitersOf()
  const waiting = Array.from({length: 200}, () => waiters.wait('old', new AbortController().signal))
  store.state = 'new'
  await Promise.all(waiting)

  expect(store.looks).toBe(1)
})

test('who saw the present state waits on, and who did not goes on', async () => {
  const {store, waiters} = waitersOf()
  let isOver = false
  const waiting = waiters.wait('old', never).then(() => (isOver = true))
  await waiters.wait('older', never)
  expect(isOver).toBe(false)

  store.state = 'new'
  await waiting
})

test('who is woken goes on without a look', async () => {
  const {store, waiters} = waitersOf()
  const waiting = waiters.wait('old', never)
  waiters.wakeAll()
  await waiting

  expect(store.looks).toBe(0)
})

test('who gives up goes on', async () => {
  const {store, waiters} = waitersOf()
  const stop = new AbortController()
  const waiting = waiters.wait('old', stop.signal)
  await eventually(async () => store.looks > 0)
  stop.abort()
  await waiting
  await waiters.wait('old', stop.signal)
})

test('a store that can not be read ends the waiting of all with the reason', async () => {
  const {store, waiters} = waitersOf()
  const waiting = [waiters.wait('old', never), waiters.wait('old', never)]
  store.isUnreadable = true

  for (const {status} of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
})
