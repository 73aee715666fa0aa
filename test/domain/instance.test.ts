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
    index: 1,
    host: 'web-1',
  })
  expect(parseInstanceId('billing-r42.web.2@web-1')).toMatchObject({process: 'web', index: 2, host: 'web-1'})
  expect(parseInstanceId('a-r2-r3.b-r4@c-r5')).toEqual({
    service: 'a-r2',
    release: 3,
    process: 'b-r4',
    index: 1,
    host: 'c-r5',
  })
  fc.assert(
    fc.property(
      name,
      fc.integer({min: 1, max: 999_999_999}),
      name,
      name,
      fc.integer({min: 1, max: 9_999}),
      (service, release, process, host, index) => {
        const parts = {service, release, process, host, index}
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
  'billing-r1.web.0@web-1',
  'billing-r1.web.01@web-1',
  'billing-r1.web.2.3@web-1',
  'billing-r1.web.@web-1',
])('%.40j is no id', (text) => expect(parseInstanceId(text)).toBeUndefined())
