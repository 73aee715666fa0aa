/** The URL of a remote without user name, password, query and fragment; `git@host:path` keeps its user, which is no secret. */
export function withoutCredentials(url: string): string {
  const [plain = ''] = url.split(/[\r\n]/)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) return plain
  let parsed: URL
  try {
    parsed = new URL(plain)
  } catch {
    return plain.replace(/\/\/[^/]*@/, '//')
  }
  const isSsh = parsed.protocol === 'ssh:' || parsed.protocol === 'git+ssh:'
  if (!isSsh) parsed.username = ''
  parsed.password = ''
  parsed.search = ''
  parsed.hash = ''
  return parsed.href
}
