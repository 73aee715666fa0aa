import {expect, test} from '@jest/globals'

import {haproxyFeatures} from '../../../src/domain/haproxy/features.js'

test.each([
  ['2.4.22', {hostOnly: 'field(1,:)', hasSpares: false}],
  ['2.5.14', {hostOnly: 'host_only', hasSpares: false}],
  ['2.6.12', {hostOnly: 'host_only', hasSpares: true}],
  ['2.10.0', {hostOnly: 'host_only', hasSpares: true}],
  ['3.0.5', {hostOnly: 'host_only', hasSpares: true}],
])('HAProxy %s is given what it knows', (version, features) => {
  expect(haproxyFeatures(version)).toEqual(features)
})
