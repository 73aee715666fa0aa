import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {releaseManifestSchema} from '../../../src/domain/release-manifest.js'
import {check} from '../../../src/domain/schema.js'
import {failureOf} from '../../fakes/failure-of.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {aFence, digestOf, ReleaseWorld, type Tree} from './release-world.js'

const missing = sshdMissing()

const tree: Tree = {
  Procfile: 'web: node server.js\n',
  'server.js': 'listen()\n',
  'bin/run': {script: '#!/bin/sh\n'},
  'bin/latest': {link: '../server.js'},
  'copy of server.js': 'listen()\n',
  'empty.txt': '',
  'log/archive': {holds: 'nothing'},
  'it\'s "ünï" $HOME 日本': 'x',
}

if (missing !== undefined) test.skip(`releases on hosts (skipped: ${missing})`, () => undefined)
else describe('releases on hosts', bringing)

function bringing(): void {
  let world: ReleaseWorld

  beforeEach(async () => {
    world = await new ReleaseWorld().open()
  })

  afterEach(() => world.close())

  test('a release is there as it was built, with what it is, and nobody may write into it', async () => {
    const brought = await world.make(42, tree)

    expect(await world.survey(brought)).toMatchObject({
      missingFiles: 4,
      missingBytes: 40,
      releases: [],
      removed: [],
    })
    const report = await world.place(brought)

    expect(report).toMatchObject({wasThere: false, filesSent: 4})
    const {'release.json': text, ...files} = world.read(world.there('releases/r42'))
    expect(files).toEqual({
      Procfile: 'web: node server.js\n',
      'server.js': 'listen()\n',
      'bin/run': '#!/bin/sh\n',
      'bin/latest': '-> ../server.js',
      'copy of server.js': 'listen()\n',
      'empty.txt': '',
      'log/archive': 'directory',
      'it\'s "ünï" $HOME 日本': 'x',
    })
    const modeOf = (place: string) => statSync(world.there('releases/r42', place)).mode & 0o7777
    expect([modeOf('Procfile'), modeOf('bin/run'), modeOf('bin'), modeOf('.')]).toEqual([
      0o444, 0o555, 0o755, 0o755,
    ])
    expect(check(releaseManifestSchema, JSON.parse(text!))).toEqual({ok: true, value: brought.release})
    expect(world.releases()).toEqual(['r42'])
  })

  test('D10 a second release with 1 % of its files changed moves under 5 % of the bytes, whatever else goes over the line', async () => {
    const files = Object.fromEntries(
      Array.from({length: 300}, (_, index) => [`lib/part-${index}/file-${index}.js`, contentOf(index)]),
    )
    const first = await world.make(1, files)
    const second = await world.make(2, {
      ...files,
      ...Object.fromEntries(
        [10, 100, 200].map((index) => [`lib/part-${index}/file-${index}.js`, contentOf(index + 1_000)]),
      ),
    })
    const line = await world.countedLine()
    try {
      await world.bring(first, {host: line.host})
      const forFirst = line.bytesSent()
      const report = await world.bring(second, {host: line.host})
      const forSecond = line.bytesSent() - forFirst

      expect(report).toMatchObject({wasThere: false, filesSent: 3})
      expect(forFirst).toBeGreaterThan(2_000_000)
      expect(forSecond / forFirst).toBeLessThan(0.05)
    } finally {
      await line.close()
    }
    const inodeOf = (place: string) => statSync(world.there('releases', place)).ino
    expect(inodeOf('r2/lib/part-1/file-1.js')).toBe(inodeOf('r1/lib/part-1/file-1.js'))
    expect(readFileSync(world.there('releases/r2/lib/part-10/file-10.js'))).toEqual(contentOf(1_010))
  })

  test('D10 a release that differs only by its config sends almost nothing, and is one of its own', async () => {
    const first = await world.make(1, tree)
    await world.bring(first)
    const second = {...first, release: {...first.release, release: 2, configDigest: digestOf('another')}}

    const report = await world.bring({...second, directory: '/nowhere'})

    expect(report).toMatchObject({wasThere: false, filesSent: 0})
    expect(report.bytesSent).toBeLessThan(3_000)
    const kept = JSON.parse(readFileSync(world.there('releases/r2/release.json'), 'utf8')) as unknown
    expect(kept).toMatchObject({release: 2, configDigest: digestOf('another')})
    expect(world.releases()).toEqual(['r1', 'r2'])
  })

  test('D10 a byte that flipped on the host, in a file that a new release shares, stops that host; the next deploy mends it', async () => {
    await world.bring(await world.make(1, tree))
    flipByte(world.there('objects', digestOf('listen()\n')))
    const second = await world.make(2, {...tree, Procfile: 'web: node server.js --quiet\n'})
    await world.survey(second)

    const failure = await failureOf(world.place(second))

    expect(failure).toMatchObject({
      code: 'E_ARTIFACT',
      details: {host: 'web-1', files: ['copy of server.js', 'server.js']},
    })
    expect(failure.message).toContain('copy of server.js, and 1 more')
    expect(world.releases()).toEqual(['r1'])

    expect(await world.bring(second, {host: world.newHost()})).toMatchObject({filesSent: 2})
    expect(readFileSync(world.there('releases/r2/server.js'), 'utf8')).toBe('listen()\n')
  })

  test('D10 a byte that flipped in a release that is there already, as after a loss of power, is mended at once', async () => {
    const brought = await world.make(1, tree)
    await world.bring(brought)
    expect(await world.bring(brought)).toEqual({wasThere: true, filesSent: 0, bytesSent: 0})
    flipByte(world.there('releases/r1/server.js'))
    expect(await world.bring(brought)).toMatchObject({wasThere: false, filesSent: 1})
    expect(readFileSync(world.there('releases/r1/server.js'), 'utf8')).toBe('listen()\n')
  })

  test('a file of nothing in a release that is there, as after a loss of power, is mended from where it can be had', async () => {
    const brought = await world.make(1, tree)
    await world.bring(brought)
    truncateSync(world.there('releases/r1/server.js'), 0)
    const asked: string[][] = []
    await world.survey(brought)

    const report = await world.host.place({
      fence: aFence(),
      release: brought.release,
      contents: async (files) => {
        asked.push(files.map(({path: place}) => place))
        return brought.directory
      },
    })

    expect([report.wasThere, asked]).toEqual([false, [['server.js']]])
    expect(world.read(world.there('releases/r1'))).toMatchObject({'server.js': 'listen()\n'})
  })

  test.each([
    ['a file more', (place: string) => writeFileSync(path.join(place, 'more'), 'x')],
    ['a file less', (place: string) => rmSync(path.join(place, 'empty.txt'))],
    [
      'a link that leads elsewhere',
      (place: string) => {
        rmSync(path.join(place, 'bin/latest'))
        symlinkSync('/etc/passwd', path.join(place, 'bin/latest'))
      },
    ],
    [
      'a mode that lets others become its owner',
      (place: string) => chmodSync(path.join(place, 'empty.txt'), 0o4555),
    ],
  ])('a release that somebody changed by hand is made anew: %s', async (_, change) => {
    const brought = await world.make(1, tree)
    await world.bring(brought)
    const before = world.read(world.there('releases/r1'))
    change(world.there('releases/r1'))

    expect(await world.bring(brought)).toMatchObject({wasThere: false, filesSent: 0})
    expect(world.read(world.there('releases/r1'))).toEqual(before)
    expect(lstatSync(world.there('releases/r1/empty.txt')).mode & 0o7777).toBe(0o444)
  })

  test('another release of the same number, from the life of another catalog, gives way', async () => {
    await world.bring(await world.make(1, {Procfile: 'web: other\n', only: 'x'}))
    const brought = await world.make(1, tree, {artifact: digestOf('other')})

    await world.bring(brought)

    expect(Object.keys(world.read(world.there('releases/r1')))).toContain('server.js')
    expect(existsSync(world.there('releases/r1/only'))).toBe(false)
  })

  test('what this machine has no more is not needed while the host has it, and asked for when it has not', async () => {
    const brought = await world.make(1, tree)
    await world.bring(brought)
    rmSync(brought.directory, {recursive: true})
    expect(await world.bring({...brought, directory: '/nowhere'})).toMatchObject({wasThere: true})

    rmSync(world.service, {recursive: true})
    const host = world.newHost()
    await world.survey(brought, {host})
    const contents = () => Promise.reject(new Error('nobody has it'))
    await expect(host.place({fence: aFence(), release: brought.release, contents})).rejects.toThrow(
      'nobody has it',
    )
    expect(world.releases()).toEqual([])
  })

  test('paths of a thousand characters, and such as look like options, arrive', async () => {
    const long = Array.from({length: 10}, (_, index) => `${index}`.repeat(98)).join('/')
    const files: Record<string, string> = {
      [`${long}/end`]: 'long',
      [`${'d'.repeat(150)}/${'f'.repeat(100)}`]: 'split',
      [`${'d'.repeat(160)}/f`]: 'not split',
      '-rf': 'option',
      '@list': 'at',
      ' leading and trailing ': 'spaces',
      '*': 'star',
      '.hidden': 'dot',
    }
    const target = `${long}/end`
    const brought = await world.make(1, {...files, far: {link: target}})

    await world.bring(brought)

    const {'release.json': manifest, far, ...found} = world.read(world.there('releases/r1'))
    expect(manifest).toContain('"release": 1')
    expect(found).toEqual(files)
    expect(far).toBe(`-> ${target}`)
  })

  test('a content that vanishes between the look and the sending is sent after all', async () => {
    const first = await world.make(1, tree)
    await world.bring(first)
    const second = await world.make(2, tree)
    await world.survey(second)
    rmSync(world.there('releases/r1'), {recursive: true})
    rmSync(world.there('objects', digestOf('listen()\n')))

    expect(await world.place(second)).toMatchObject({wasThere: false, filesSent: 1})
    expect(readFileSync(world.there('releases/r2/server.js'), 'utf8')).toBe('listen()\n')
  })

  test('D9 a look and a sending are two commands on one connection', async () => {
    await world.bring(await world.make(1, tree))

    const commands = world.commands()
    expect(commands).toHaveLength(2)
    expect(new Set(commands).size).toBe(1)
    expect(world.sshd.log().match(/Accepted publickey/g)).toHaveLength(1)
  })
}

/** As hard to compress as code is: about three quarters stay. */
function contentOf(index: number): Buffer {
  let text = ''
  for (let line = 0; text.length < 13_600; line += 1)
    text += digestOf(`${index}-${line}`).slice(0, 60) + '  // why\n'
  return Buffer.from(text)
}

function flipByte(file: string): void {
  const bytes = readFileSync(file)
  bytes[0] = bytes[0]! ^ 1
  chmodSync(file, 0o644)
  writeFileSync(file, bytes)
  chmodSync(file, 0o444)
}
