import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {gzipSync} from 'node:zlib'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {Header} from 'tar'

import {FileArtifactStore} from '../../../src/adapters/artifacts-files/index.js'

let base: string
let source: string
let store: FileArtifactStore

beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'yard-artifacts-'))
  source = path.join(base, 'source')
  mkdirSync(source)
  store = new FileArtifactStore({
    artifacts: path.join(base, 'artifacts'),
    releases: path.join(base, 'releases'),
    builds: path.join(base, 'builds'),
  })
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

describe('packing', () => {
  test('gives the same digest for the same files, whatever their times and order', async () => {
    fill(source)
    const again = path.join(base, 'again')
    mkdirSync(again)
    fill(again)
    utimesSync(path.join(again, 'Procfile'), 1, 1)

    expect(await store.pack(again)).toEqual(await store.pack(source))
  })

  test('gives another digest when a byte or a mode differs', async () => {
    fill(source)
    const {digest} = await store.pack(source)
    chmodSync(path.join(source, 'Procfile'), 0o755)

    expect((await store.pack(source)).digest).not.toBe(digest)
  })

  test('comes back as it went in: odd names, links, modes, empty directories; without .git', async () => {
    fill(source)
    const {digest, files} = await store.pack(source)

    const directory = await store.unpack(digest, 'hello', 3)

    expect(directory).toBe(store.releaseDirectory('hello', 3))
    expect(readdirSync(directory).sort()).toEqual(['@types', 'Procfile', 'bin', 'empty', 'twin', 'ünï codé'])
    expect(readlinkSync(path.join(directory, 'bin/link'))).toBe('../Procfile')
    expect(lstatSync(path.join(directory, 'bin/run')).mode & 0o777).toBe(0o755)
    expect(readFileSync(path.join(directory, '@types/node.d.ts'), 'utf8')).toBe('x')
    expect(readFileSync(path.join(directory, 'twin'), 'utf8')).toBe('web: node server.js\n')
    expect(files).toBe(9)
  })

  test.each([
    ['an absolute link', () => symlinkSync('/etc/passwd', path.join(source, 'out'))],
    ['a link out of the directory', () => symlinkSync('../../x', path.join(source, 'out'))],
    ['a name with a line break', () => writeFileSync(path.join(source, 'a\nb'), '')],
    ['a name with an escape', () => writeFileSync(path.join(source, 'a\u001b[2J'), '')],
    [
      'a setuid file',
      () => {
        writeFileSync(path.join(source, 's'), '')
        chmodSync(path.join(source, 's'), 0o4755)
      },
    ],
    [
      'names that differ by case only',
      () => {
        for (const name of ['Readme', 'README']) writeFileSync(path.join(source, name), '')
      },
    ],
  ] satisfies [string, () => void][])('refuses %s and leaves nothing behind', async (_name, plant) => {
    fill(source)
    plant()

    await expect(store.pack(source)).rejects.toMatchObject({code: 'E_ARTIFACT'})
    expect(readdirSync(path.join(base, 'artifacts'))).toEqual([])
  })
})

describe('unpacking', () => {
  test.each<[string, Entry[]]>([
    ['a parent path', [{path: '../x'}]],
    ['an absolute path', [{path: '/tmp/yard-absolute'}]],
    ['a path that climbs inside', [{path: 'a/../../x'}]],
    ['an entry called ..', [{path: '..', type: 'Directory'}]],
    [
      'a link out, then a file through it',
      [{path: 'l', type: 'SymbolicLink', linkpath: '../..'}, {path: 'l/x'}],
    ],
    ['an absolute link', [{path: 'l', type: 'SymbolicLink', linkpath: '/etc'}]],
    ['a hard link to outside', [{path: 'h', type: 'Link', linkpath: '../../../etc/passwd'}]],
    ['an absolute hard link', [{path: 'h', type: 'Link', linkpath: '/etc/passwd'}]],
    [
      'a link that is replaced',
      [
        {path: 'l', type: 'SymbolicLink', linkpath: 'a'},
        {path: 'l', type: 'SymbolicLink', linkpath: 'b'},
      ],
    ],
    ['a device', [{path: 'd', type: 'CharacterDevice'}]],
    ['a pipe', [{path: 'p', type: 'FIFO'}]],
    ['setuid and setgid bits', [{path: 's', mode: 0o6755}]],
    ['a name with a line break', [{path: 'a\nb'}]],
    ['a name with an escape', [{path: 'a\u001b[2J'}]],
    ['names that differ by case only', [{path: 'Readme'}, {path: 'README'}]],
  ])('refuses %s before the first write', async (_name, entries) => {
    const digest = plant(gzipSync(archive([{path: 'first'}, ...entries])))

    await expect(store.unpack(digest, 'hello', 1)).rejects.toMatchObject({code: 'E_ARTIFACT'})
    expect(existsSync(path.join(base, 'releases'))).toBe(false)
    expect(existsSync('/tmp/yard-absolute')).toBe(false)
  })

  test.each<[string, Buffer]>([
    ['half an archive', gzipSync(archive([{path: 'a', body: 'x'.repeat(5_000)}])).subarray(0, 60)],
    ['something else', Buffer.from('not an archive')],
    [
      'an archive that unpacks to a thousand times its size',
      gzipSync(archive([{path: 'zeros', body: '\0'.repeat(50_000_000)}])),
    ],
  ])('refuses %s', async (_name, bytes) => {
    const digest = plant(bytes)

    await expect(store.unpack(digest, 'hello', 1)).rejects.toMatchObject({code: 'E_ARTIFACT'})
    expect(await store.unpackedReleases('hello')).toEqual([])
  })

  test('refuses an archive with one flipped byte', async () => {
    fill(source)
    const {digest} = await store.pack(source)
    const file = path.join(base, 'artifacts', `${digest}.tar.gz`)
    const bytes = readFileSync(file)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    writeFileSync(file, bytes)

    await expect(store.unpack(digest, 'hello', 1)).rejects.toMatchObject({code: 'E_ARTIFACT'})
  })

  test('says so when the archive is gone', async () => {
    await expect(store.unpack('0'.repeat(64), 'hello', 1)).rejects.toMatchObject({code: 'E_ARTIFACT'})
  })

  test('keeps a complete directory, and replaces one that came from another artifact', async () => {
    fill(source)
    const one = await store.pack(source)
    const directory = await store.unpack(one.digest, 'hello', 1)
    writeFileSync(path.join(directory, 'written-by-the-service'), '')
    await store.unpack(one.digest, 'hello', 1)
    expect(existsSync(path.join(directory, 'written-by-the-service'))).toBe(true)

    writeFileSync(path.join(source, 'new'), '')
    const other = await store.pack(source)
    await store.unpack(other.digest, 'hello', 1)

    expect(existsSync(path.join(directory, 'written-by-the-service'))).toBe(false)
    expect(existsSync(path.join(directory, 'new'))).toBe(true)
  })
})

describe('what killed runs left', () => {
  test('is removed once its maker is gone, and only then', async () => {
    const mine = await store.createStaging('hello')
    const dead = path.join(base, 'builds', '.tmp-hello.4194399.0123456789ab')
    const other = path.join(base, 'builds', '.tmp-hello-admin.4194399.0123456789ab')
    const half = path.join(base, 'releases', 'hello', '.tmp-release.4194399.0123456789ab')
    for (const directory of [dead, other, half]) mkdirSync(path.join(directory, 'tree'), {recursive: true})

    await store.removeLeftovers('hello')

    expect(existsSync(mine)).toBe(true)
    expect(existsSync(dead)).toBe(false)
    expect(existsSync(half)).toBe(false)
    expect(existsSync(other)).toBe(true)
    await store.removeStaging(mine)
    expect(readdirSync(path.join(base, 'builds'))).toEqual([path.basename(other)])
  })

  test('removing staging never removes anything else', async () => {
    await store.removeStaging(source)

    expect(existsSync(source)).toBe(true)
  })
})

test('releases are listed by number and removed one by one', async () => {
  fill(source)
  const {digest} = await store.pack(source)
  for (const release of [2, 10, 1]) await store.unpack(digest, 'hello', release)
  await store.unpack(digest, 'hello-admin', 7)

  expect(await store.unpackedReleases('hello')).toEqual([1, 2, 10])
  await store.removeRelease('hello', 2)
  await store.removeRelease('hello', 2)
  expect(await store.unpackedReleases('hello')).toEqual([1, 10])
  await store.removeArtifact(digest)
  expect(await store.has(digest)).toBe(false)
})

function fill(directory: string): void {
  for (const child of ['bin', '@types', 'empty', '.git']) mkdirSync(path.join(directory, child))
  writeFileSync(path.join(directory, 'Procfile'), 'web: node server.js\n')
  linkSync(path.join(directory, 'Procfile'), path.join(directory, 'twin'))
  writeFileSync(path.join(directory, 'bin/run'), '#!/bin/sh\n')
  chmodSync(path.join(directory, 'bin/run'), 0o777)
  symlinkSync('../Procfile', path.join(directory, 'bin/link'))
  writeFileSync(path.join(directory, '@types/node.d.ts'), 'x')
  writeFileSync(path.join(directory, 'ünï codé'), 'x')
  writeFileSync(path.join(directory, '.git/config'), 'x')
}

interface Entry {
  path: string
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO'
  linkpath?: string
  mode?: number
  body?: string
}

/** An archive with entries that no tool would write. */
function archive(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({path: place, type = 'File', linkpath, mode = 0o644, body = ''}) => {
    const size = Buffer.byteLength(body)
    const header = new Header({
      path: place,
      type,
      mode,
      size,
      mtime: new Date(0),
      ...(linkpath !== undefined && {linkpath}),
    })
    const block = Buffer.alloc(512)
    header.encode(block, 0)
    return [block, Buffer.from(body), Buffer.alloc((512 - (size % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** Puts an archive into the store under its true digest. */
function plant(bytes: Buffer): string {
  const digest = createHash('sha256').update(bytes).digest('hex')
  mkdirSync(path.join(base, 'artifacts'), {recursive: true})
  writeFileSync(path.join(base, 'artifacts', `${digest}.tar.gz`), bytes)
  return digest
}
