import {readFileSync, statSync} from 'node:fs'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {writeBugReport} from '../../src/app/bug-report.js'
import {stateDirectory} from '../fakes/state-directory.js'

const state = stateDirectory()
const before = process.env['YARD_STATE_DIR']

beforeEach(() => {
  process.env['YARD_STATE_DIR'] = state.path
})

afterEach(() => {
  if (before === undefined) delete process.env['YARD_STATE_DIR']
  else process.env['YARD_STATE_DIR'] = before
})

test('a report names the command line without what follows an equals sign, for this user only', () => {
  const argv = ['config', 'set', 'hello', 'A=CANARY\nCANARY', '--env=CANARY']
  const file = writeBugReport('/', new Error('oops'), argv) ?? ''

  const text = readFileSync(file, 'utf8')
  expect(text).toContain('yard config set hello A=… --env=…\n')
  expect(text).toContain('Error: oops')
  expect(text).not.toContain('CANARY')
  expect(statSync(file).mode & 0o077).toBe(0)
})
