import {PassThrough} from 'node:stream'

import {expect, test} from '@jest/globals'

import {type Report} from '../../src/contracts/report.js'
import {ago, elapsed} from '../../src/terminal/elapsed.js'
import {showProgress} from '../../src/terminal/progress.js'

async function shown(isLive: boolean, tell: (report: Report) => void): Promise<string> {
  const stream = new PassThrough() as PassThrough & {columns: number; isTTY: boolean}
  stream.columns = isLive ? 0 : 80
  stream.isTTY = isLive
  const progress = await showProgress({stream: stream as unknown as NodeJS.WriteStream, isLive})
  tell(progress.report)
  progress.finish()
  return String(stream.read() ?? '')
}

const life = (report: Report) => {
  report({kind: 'step-started', step: 'build', title: 'Build'})
  report({kind: 'step-output', step: 'build', line: 'compiling\u001b[2J'})
  report({kind: 'step-finished', step: 'build', outcome: 'done', millis: 1_234, detail: 'reused'})
  report({kind: 'step-finished', step: 'smoke', outcome: 'skipped', millis: 0})
  report({kind: 'step-finished', step: 'move', outcome: 'failed', millis: 20})
  report({kind: 'warning', text: 'careful'})
}

test('off a terminal each step is one plain line', async () => {
  expect(await shown(false, life)).toBe('✓ Build 1.2 s (reused)\n- smoke\n✗ move 20 ms\n! careful\n')
})

test('words of other machines do nothing to the terminal', async () => {
  const text = await shown(false, (report) => {
    report({kind: 'note', text: 'one\u001b]0;x\u0007\ntwo'})
    report({kind: 'warning', text: 'three\u009b2J'})
    report({kind: 'step-finished', step: 'push', outcome: 'failed', millis: 20, detail: 'four\u001b[2J\r'})
  })
  expect(text).toBe('one\\x1b]0;x\\x07\ntwo\n! three\\x9b2J\n✗ push 20 ms (four\\x1b[2J\\r)\n')
})

test('on a terminal without a known width it ends, and lets no escape of a build through', async () => {
  const text = await shown(true, life)
  expect(text).toContain('✓ Build 1.2 s (reused)\n')
  expect(text).not.toContain('\u001b[2J')
})

test('times are said for people', () => {
  expect([elapsed(40), elapsed(4_210), elapsed(190_000)]).toEqual(['40 ms', '4.2 s', '3 min 10 s'])
  const now = new Date('2026-11-20T12:00:00.000Z')
  expect(ago('2026-11-20T11:59:58.000Z', now)).toBe('just now')
  expect(ago('2026-11-20T09:00:00.000Z', now)).toBe('3 h ago')
})
