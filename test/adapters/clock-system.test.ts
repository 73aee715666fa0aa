import {expect, test} from '@jest/globals'

import {SystemClock} from '../../src/adapters/clock-system/index.js'

const clock = new SystemClock()

test('time goes on, and never back', async () => {
  const [date, millis] = [clock.now().getTime(), clock.monotonicMillis()]
  await clock.sleep(20)

  expect(clock.now().getTime() - date).toBeGreaterThan(10)
  expect(clock.monotonicMillis() - millis).toBeGreaterThan(10)
})

test('a sleep ends early with the reason of its signal', async () => {
  const stop = new AbortController()
  const sleeping = clock.sleep(60_000, stop.signal)
  stop.abort(new Error('enough'))

  await expect(sleeping).rejects.toThrow('enough')
  await expect(clock.sleep(60_000, stop.signal)).rejects.toThrow('enough')
})

test('a sleep longer than any timer does not end at once', async () => {
  const stop = new AbortController()
  const sleeping = clock.sleep(2 ** 40, stop.signal)
  const first = await Promise.race([sleeping.then(() => 'slept'), clock.sleep(30).then(() => 'still asleep')])
  stop.abort(new Error('enough'))

  expect(first).toBe('still asleep')
  await expect(sleeping).rejects.toThrow('enough')
})
