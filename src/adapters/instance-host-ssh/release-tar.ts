/** An entry of a tar stream. What follows the header of a file is its bytes, and zeros up to the next block. */
export interface TarEntry {
  kind: 'file' | 'hard-link' | 'link' | 'directory'
  path: string
  /** Of a hard link the path of an earlier entry, or of a file that is there; of a symbolic one whatever it says. */
  target?: string
  bytes?: number
  mode: number
  modifiedAt: Date
}

const blockBytes = 512
const typeFlags: Record<TarEntry['kind'], string> = {file: '0', 'hard-link': '1', link: '2', directory: '5'}

/**
 * The header in the format of POSIX (ustar), preceded by an extended one (pax) where a path is too long for it. Written
 * here, not by a package: no file is read that has no bytes to send, and the names of hard links are not those of files.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const {bytes = 0, kind, mode, modifiedAt, path, target = ''} = entry
  const [pathBytes, targetBytes] = [Buffer.from(path), Buffer.from(target)]
  const split = splitPath(pathBytes)
  const records = [
    ...(split === undefined ? [['path', path] as const] : []),
    ...(targetBytes.length > 100 ? [['linkpath', target] as const] : []),
  ]
  const header = ustarHeader({
    prefix: split?.prefix ?? Buffer.alloc(0),
    name: split?.name ?? pathBytes.subarray(0, 100),
    target: targetBytes.subarray(0, 100),
    typeFlag: typeFlags[kind],
    bytes,
    mode,
    seconds: Math.floor(modifiedAt.getTime() / 1000),
  })
  return records.length === 0 ? header : Buffer.concat([extendedHeader(records), header])
}

/** The zeros between the end of a content and the next header. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes)
}

export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes)
}

/** Up to a hundred bytes of name, and up to 155 of directories above it; undefined when it fits in no way. */
function splitPath(path: Buffer): {prefix: Buffer; name: Buffer} | undefined {
  if (path.length <= 100) return {prefix: Buffer.alloc(0), name: path}
  const slash = path.indexOf('/', path.length - 101)
  if (slash <= 0 || slash > 155 || slash === path.length - 1) return undefined
  return {prefix: path.subarray(0, slash), name: path.subarray(slash + 1)}
}

function extendedHeader(records: readonly (readonly [string, string])[]): Buffer {
  const body = Buffer.concat(records.map(([key, value]) => extendedRecord(key, value)))
  const none = Buffer.alloc(0)
  const header = ustarHeader({
    prefix: none,
    name: Buffer.from('pax'),
    target: none,
    typeFlag: 'x',
    bytes: body.length,
    mode: 0o644,
    seconds: 0,
  })
  return Buffer.concat([header, body, tarPadding(body.length)])
}

/** `30 path=…\n`: the length counts itself. */
function extendedRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

interface UstarFields {
  prefix: Buffer
  name: Buffer
  target: Buffer
  typeFlag: string
  bytes: number
  mode: number
  seconds: number
}

function ustarHeader({bytes, mode, name, prefix, seconds, target, typeFlag}: UstarFields): Buffer {
  const block = Buffer.alloc(blockBytes)
  const octal = (value: number, at: number, digits: number) =>
    block.write(value.toString(8).padStart(digits, '0'), at, 'latin1')
  name.copy(block, 0)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(bytes, 124, 11)
  octal(Math.max(0, seconds), 136, 11)
  block.write('        ', 148, 'latin1')
  block.write(typeFlag, 156, 'latin1')
  target.copy(block, 157)
  block.write('ustar\x0000', 257, 'latin1')
  prefix.copy(block, 345)
  let sum = 0
  // An iterator would take ten times as long.
  for (let at = 0; at < blockBytes; at += 1) sum += block[at] ?? 0
  octal(sum, 148, 6)
  block.write('\0 ', 154, 'latin1')
  return block
}
