/**
 * Values that somebody may write straight into the store: all that `haproxy -c` was seen to accept, then those that it
 * refuses, some of them by luck. Also for tests that start from the store.
 */
export const hostileValues: readonly string[] = [
  // Accepted: extra or odd patterns.
  ...['orders admin', 'orders\tadmin', 'orders\radmin', 'orders\vadmin', 'orders\u00a0admin', 'orders\\ admin'],
  // A comment, an option, the environment, the request.
  ...['# x', '-f /etc/passwd', '"$HOME"', '%[req.hdr(authorization)]', '%[env(HOME)]'],
  // Ports that are more than ports, or other ones.
  ...['8080 backup', '8080\n  server evil 203.0.113.9:80', '080', '80abc'],
  // Addresses that are sockets, secrets of a cloud, everything, or written so that they are taken for something else.
  ...['/var/run/docker.sock', 'unix@/run/haproxy/admin.sock', 'abns@x', '169.254.169.254', '0', '*', '0x7f.1', '::1'],
  'x'.repeat(5_000),
  // Refused by haproxy -c.
  ...["orders'admin", 'orders"admin', 'orders\0admin', '65536', '', 'fd@3', '../x', 'no-such-host.invalid'],
  Array.from({length: 65}, () => 'word').join(' '),
  // Lines of their own: refused by HAProxy only when the next word lands in a wrong place.
  ...['x\nlisten evil\n  bind :1', 'x\r\nbackend evil', "/'\n  server evil 203.0.113.9:80 #", 'x\n\nbackend svc_evil\n'],
  ...['10.0.0.9\n  use-server evil', '10.0.0.9:80 check\n  server evil 203.0.113.9:80', '\n', 'evil svc_admin\nadmin'],
  ...['<script>alert(1)</script>', '$(id)', '\u001b[2J'],
] // prettier-ignore
