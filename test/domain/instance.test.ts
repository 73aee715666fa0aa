import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {instanceId, parseInstanceId} from '../../src/domain/instance.js'
import {namePattern} from '../../src/domain/names.js'
import {hostileNames} from '../fakes/hostile-names.js'

const name = fc
  .stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,3}$/)
  .filter((text) => namePattern.test(text))

test('an id names its parts, also where names look like releases', () => {
  expect(parseInstanceId('billing-r42@web-1')).toEqual({
    service: 'billing',
    release: 42,
    process: 'web',
    host: 'web-1',
  })
  expect(parseInstanceId('a-r2-r3.b-r4@c-r5')).toEqual({
    service: 'a-r2',
    release: 3,
    process: 'b-r4',
    host: 'c-r5',
  })
  fc.assert(
    fc.property(
      name,
      fc.integer({min: 1, max: 999_999_999}),
      name,
      name,
      (service, release, process, host) => {
        const parts = {service, release, process, host}
        expect(parseInstanceId(instanceId(parts))).toEqual(parts)
      },
    ),
  )
})

test.each([
  ...hostileNames,
  'billing',
  'billing-r0@web-1',
  'billing-r1@',
  '@web-1',
  'billing-r1@web-1\n',
  'billing-r01@web-1',
])('%.40j is no id', (text) => expect(parseInstanceId(text)).toBeUndefined())
