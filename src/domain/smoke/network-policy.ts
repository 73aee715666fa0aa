/** Where the requests of a run may go. */
export interface NetworkPolicy {
  /** The origin of `base_url`. */
  baseOrigin: string
  /** Hosts that the user allowed by name, as `host` or `host:port`. */
  allowedHosts: readonly string[]
}

/** Why a request to this address isn't sent, or undefined when it may be. */
export function refusalOf(url: URL, policy: NetworkPolicy): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `${url.protocol} isn't http or https`
  if (url.username !== '' || url.password !== '') return 'the address holds a user or a password'
  const host = hostOf(url)
  if (!isPermittedAddress(host)) return `${host} is a metadata or link-local address, which is never allowed`
  if (url.origin === policy.baseOrigin || isLoopbackHost(host)) return undefined
  const isAllowed = policy.allowedHosts.some((allowed) =>
    [host, `${host}:${portOf(url)}`].includes(allowed.toLowerCase()),
  )
  return isAllowed ? undefined : `${host} isn't the host of base_url; allow it with --allow-host ${host}`
}

/** False for the addresses behind which clouds keep credentials, in every spelling; names are no addresses and pass. */
export function isPermittedAddress(address: string): boolean {
  const words = addressWords(address)
  if (words === undefined) return true
  const [first = 0] = words
  if ((first & 0xffc0) === 0xfe80) return false
  if (first === 0xfd00 && words[1] === 0x0ec2) return false
  return !embeddedIpv4(words).some(isMetadataIpv4)
}

/** The host without brackets and without the dot at the end of a full name. */
export function hostOf(url: URL): string {
  return url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/.test(host) ||
    host === '::1'
  )
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port
  return url.protocol === 'https:' ? '443' : '80'
}

/** The 8 words of an IPv6 address; an IPv4 address as `::ffff:a.b.c.d`. The URL parser knows all the spellings. */
function addressWords(address: string): number[] | undefined {
  const plain = address.replace(/%.*$/, '')
  const spelled = plain.includes(':') ? plain : `::ffff:${plain}`
  if (!plain.includes(':') && !/^\d+(?:\.\d+){3}$/.test(plain)) return undefined
  if (!URL.canParse(`http://[${spelled}]/`)) return undefined
  const [head = '', tail] = new URL(`http://[${spelled}]/`).hostname.slice(1, -1).split('::')
  const before = wordsOf(head)
  if (tail === undefined) return before
  const after = wordsOf(tail)
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function wordsOf(part: string): number[] {
  return part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16))
}

/** IPv4 addresses that ride in an IPv6 one: mapped, compatible, NAT64, 6to4. */
function embeddedIpv4(words: number[]): [high: number, low: number][] {
  const at = (index: number) => words[index] ?? 0
  if (at(0) === 0x2002) return [[at(1), at(2)]]
  return isIpv4Carrier(words) ? [[at(6), at(7)]] : []
}

function isIpv4Carrier(words: number[]): boolean {
  const prefix = words
    .slice(0, 6)
    .map((word) => word.toString(16))
    .join(':')
  return ['0:0:0:0:0:ffff', '0:0:0:0:0:0', '64:ff9b:0:0:0:0', '0:0:0:0:ffff:0'].includes(prefix)
}

/** 169.254.0.0/16 (link-local, the address of most clouds), and 100.100.100.200. */
function isMetadataIpv4([high, low]: [number, number]): boolean {
  return high === 0xa9fe || (high === 0x6464 && low === 0x64c8)
}
