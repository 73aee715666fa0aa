import fc from 'fast-check'

import {namePattern} from '../../../src/domain/names.js'
import {type RoutedServer, type RoutingModel} from '../../../src/domain/routing.js'

const octet = fc.integer({min: 0, max: 255})
const port = fc.integer({min: 1, max: 65_535})
const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))

const server: fc.Arbitrary<RoutedServer> = fc
  .record({
    address,
    port,
    state: fc.constantFrom('up' as const, 'draining' as const),
  })
  .chain((plain) =>
    fc
      .option(fc.integer({min: 0, max: 256}), {nil: undefined})
      .map((weight): RoutedServer => ({...plain, ...(weight !== undefined && {weight})})),
  )

/** Models that hold nothing but what may be rendered, in any order and with repeats. */
export const validModels: fc.Arbitrary<RoutingModel> = fc.record({
  listen: fc.record({address, port}),
  header: fc.constantFrom('Yard-Service', 'X', 'Team-Service-2'),
  services: fc.array(
    fc.record({
      name: fc
        .stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,2}$/)
        .filter((name) => namePattern.test(name)),
      healthPath: fc.stringMatching(/^\/[A-Za-z0-9._~!$&()*+,;=:@/%?-]{0,40}$/),
      servers: fc.array(server, {maxLength: 4}),
    }),
    {maxLength: 6},
  ),
})

/** Strings of all kinds, among them those that `haproxy -c` is known to let through. */
export const hostileStrings = [
  ...['orders admin', 'orders\tadmin', 'orders\radmin', 'orders\vadmin', 'orders\u00a0admin', 'orders\\ admin'],
  ...['# x', 'orders # x', '-f /etc/passwd', '"$HOME"', '$HOME', '%[req.hdr(authorization)]', '%[env(HOME)]'],
  ...['/var/run/docker.sock', 'unix@/run/haproxy/admin.sock', 'abns@x', 'fd@3', '0', '*', '0x7f.1', '::1', '[::1]'],
  ...['127.1', '2130706433', '0177.0.0.1', '127.0.0.01', '127.0.0.1 backup', '127.0.0.1:80', '127.0.0.1\n', '256.0.0.1'],
  ...['x'.repeat(5_000), '../x', '..', '.', '-rf', '--help', 'a/b', 'a\nb', 'a\0b', 'A', 'a.', '__proto__', 'constructor'],
  ...['а' + 'dmin', 'a%2fb', 'a\u202eb', '$(id)', '@/etc/passwd', '', "a'b", 'a"b', 'a--b', 'a-', "/x'\n  server evil 203.0.113.9:80"],
  ...['/ready z', '/ready\nz', "/ready'z", '/ready"z', '/ready\\z', '/ready#z', '/{x}', '/é', 'readyz', '{{name}}', '\u2028'],
] // prettier-ignore
