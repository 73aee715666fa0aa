import {expect, test} from '@jest/globals'

import {serverSettings, sharedSettings, weightOf} from '../../../src/domain/haproxy/server-settings.js'
import {type RoutedServer} from '../../../src/domain/routing.js'

const server: RoutedServer = {address: '10.0.0.1', port: 80, state: 'up'}

test('a server that drains has no weight, whatever its own is', () => {
  expect(weightOf(server)).toBe(100)
  expect(weightOf({...server, weight: 7})).toBe(7)
  expect(weightOf({...server, weight: 7, state: 'draining'})).toBe(0)
})

test('a server is checked once a second, and four times a second while something is wrong', () => {
  expect(serverSettings(server, {}, undefined)).toBe(
    '10.0.0.1:80 weight 100 check inter 1000ms fastinter 250ms downinter 250ms fall 2 rise 1 observe layer4 error-limit 1 on-error fastinter',
  )
})

test('where many hosts check, all checks are rarer, those of a starting instance among them', () => {
  const settings = serverSettings(server, {}, 100_001)

  expect(settings).toContain(' inter 100001ms fastinter 25001ms downinter 25001ms ')
})

test('what the servers of a service have in common is said of each', () => {
  const service = {settings: {maxConnections: 5, slowStartMillis: 30_000}}

  expect(sharedSettings(service, undefined)).toMatch(/^ maxconn 5 slowstart 30000ms check /)
  expect(serverSettings(server, service, undefined)).toContain(sharedSettings(service, undefined))
})
