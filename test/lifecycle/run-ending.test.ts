import {expect, test} from '@jest/globals'

import {runEnding} from '../../src/lifecycle/run-ending.js'

test.each([
  [{outcome: 'failed', exitCode: 2}, 'ended with exit 2'],
  [{outcome: 'failed', signal: 'SIGKILL'}, 'was ended by SIGKILL'],
  [{outcome: 'failed'}, 'ended with exit 1'],
  [{outcome: 'timed-out'}, 'was not done after 1.5 s'],
  [{outcome: 'not-found'}, 'could not be started'],
  [{outcome: 'aborted'}, 'was stopped'],
] as const)('%j says "%s"', (result, text) => {
  expect(runEnding({...result, lastLines: []}, 1_500)).toBe(text)
})
