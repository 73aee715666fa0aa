/**
 * Strings of all kinds that `haproxy -c` was seen to accept in a configuration, or to refuse by luck only: none of them
 * is an address, a port, or the name of a service.
 */
export const hostileValues: readonly string[] = [
  // Separators that make two words of one, or are taken for a letter.
  'orders admin',
  'orders\tadmin',
  'orders\radmin',
  'orders\vadmin',
  'orders\u00a0admin',
  'orders\\ admin',
  'orders\u2028admin',
  // Comments, options, quotes, and what HAProxy expands.
  '# x',
  'orders # x',
  '-f /etc/passwd',
  '"$HOME"',
  '$HOME',
  '%[req.hdr(authorization)]',
  '%[env(HOME)]',
  '"orders',
  "orders'",
  // Lines of one's own.
  'orders\nadmin',
  'orders\r\n  server evil 203.0.113.9:80',
  '10.0.0.1:80\n  server evil 203.0.113.9:80',
  'orders\n\nbackend evil\n  server evil 203.0.113.9:80',
  'orders\0admin',
  // Ports.
  '8080 backup',
  '8080\n  server evil 203.0.113.9:80',
  '080',
  '80abc',
  '65536',
  '',
  '-1',
  // Addresses.
  '/var/run/docker.sock',
  'unix@/run/haproxy/admin.sock',
  'abns@x',
  'fd@3',
  '0',
  '*',
  '0x7f.1',
  '::1',
  '127.0.0.1 backup',
  '203.0.113.9:80',
  'no-such-host.invalid',
  // Names.
  'x'.repeat(5_000),
  '../x',
  '__proto__',
  'word '.repeat(70),
  '\u0430dmin',
]
