import {constants} from 'node:os'

import {expect, test} from '@jest/globals'

import {passedOnExitCode} from '../../src/domain/exit-status.js'

test('an exit code is passed on as it is', () => {
  expect(passedOnExitCode({exitCode: 0})).toBe(0)
  expect(passedOnExitCode({exitCode: 255})).toBe(255)
})

test.each(['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT', 'SIGXCPU'] as const)(
  '%s becomes 128 and its number, also without SIG before it',
  (signal) => {
    expect(passedOnExitCode({signal})).toBe(128 + constants.signals[signal])
    expect(passedOnExitCode({signal: signal.slice(3)})).toBe(128 + constants.signals[signal])
  },
)

test('a signal that nobody knows is no success, and an end that nobody knows has no code', () => {
  expect(passedOnExitCode({signal: 'SIGWHAT', exitCode: 0})).toBe(128)
  expect(passedOnExitCode({signal: 'constructor'})).toBe(128)
  expect(passedOnExitCode({})).toBeUndefined()
})
