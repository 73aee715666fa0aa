import {expect, test} from '@jest/globals'

import {fleetFault, runProgram} from '../../../src/adapters/fleet-nspawn/programs.js'
import {failureOf} from '../../fakes/failure-of.js'

const settings = {variables: {PATH: process.env['PATH'] ?? ''}}

test('this machine can have a fleet, or the reason is one a person can act on', () => {
  const fault = fleetFault(settings, true)
  if (fault === undefined) return
  expect(fault.why).toMatch(/^(?:its hosts|only root|.* can't be found|no cgroups)/)
  expect(fault.next.length).toBeGreaterThan(0)
})

test('the last line of a program that fails is the reason, and one that hangs is ended', async () => {
  const words = ['sh', '-c', 'echo first; echo "the reason" >&2; exit 3'] as const
  expect(await failureOf(runProgram(settings, "Can't do it", words))).toMatchObject({
    code: 'E_FLEET',
    what: "Can't do it",
    why: 'the reason',
  })
  const hangs = runProgram(settings, "Can't wait", ['sleep', '1000'], {timeoutMillis: 50})
  expect(await failureOf(hangs)).toMatchObject({why: 'it took too long'})
  expect(await runProgram(settings, "Can't say", ['echo', 'it works'])).toBe('it works\n')
})
