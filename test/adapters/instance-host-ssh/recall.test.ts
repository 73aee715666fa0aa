import {chmodSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {type SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {type RemoteCommand} from '../../../src/contracts/remote-shell.js'
import {type ManifestFile} from '../../../src/domain/release-manifest.js'
import {failureOf} from '../../fakes/failure-of.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {aFence, type BroughtRelease, digestOf, ReleaseWorld, type Tree} from './release-world.js'

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
  'large.bin': Buffer.from(Array.from({length: 300_000}, (_, index) => (index * 7_919) % 251)),
}

if (missing !== undefined) test.skip(`releases read back from hosts (skipped: ${missing})`, () => undefined)
else describe('releases read back from hosts', readingBack)

function readingBack(): void {
  let world: ReleaseWorld
  let brought: BroughtRelease

  beforeEach(async () => {
    world = await new ReleaseWorld().open()
    brought = await world.make(42, tree)
    await world.bring(brought)
  })

  afterEach(() => world.close())

  const release = {service: 'billing', release: 42}
  const look = {fence: aFence(), neededReleases: [], needs: ['sh', 'no-such-program']}

  /** A directory of this machine with files of the release. */
  async function fetched(files: readonly ManifestFile[] = brought.release.files): Promise<string> {
    const directory = path.join(world.directory, `fetched-${Math.random()}`)
    mkdirSync(directory)
    await world.newHost().fetch({service: 'billing', files, directory})
    return directory
  }

  test('what is written down of a release is what was brought there; to read it changes nothing', async () => {
    const before = world.read(world.root)

    expect(await world.newHost().recall(release)).toEqual(brought.release)
    expect(await world.newHost().recall({...release, release: 41})).toBeUndefined()
    expect(await world.newHost().recall({...release, service: 'identity'})).toBeUndefined()

    expect(world.read(world.root)).toEqual(before)
  })

  test('D9 a look that reads it back is the look, too: the one that follows takes no command', async () => {
    const scripts: string[] = []
    const host = world.newHost(listening(world.shell, scripts))

    const recalled = await host.recall({...release, survey: look})
    const survey = await host.survey({...look, release: brought.release})
    const placed = await world.place(brought, {host})

    expect(recalled).toEqual(brought.release)
    expect(survey).toMatchObject({
      missingFiles: 0,
      missingBytes: 0,
      missingPrograms: ['no-such-program'],
      releases: [42],
    })
    expect(placed).toEqual({wasThere: true, filesSent: 0, bytesSent: 0})
    expect(scripts).toEqual(['yard-survey', 'yard-verify'])
    await host.survey({...look, release: brought.release})
    expect(scripts).toEqual(['yard-survey', 'yard-verify', 'yard-survey'])
  })

  test('a look that finds nothing to read back takes the fence, and another look follows', async () => {
    const host = world.newHost()
    const survey = {...look, fence: aFence({number: 200})}
    const next = await world.make(43, {...tree, more: 'more'})

    expect(await host.recall({...release, release: 43, survey})).toBeUndefined()
    expect(await host.survey({...survey, release: next.release})).toMatchObject({missingFiles: 1})
    expect(await failureOf(host.recall({...release, survey: look}))).toMatchObject({code: 'E_FENCED'})
  })

  test('a look that follows a list of other files than the right ones looks again', async () => {
    const host = world.newHost()
    const other = await world.make(42, {...tree, 'server.js': 'another()\n'})
    await host.recall({...release, survey: look})

    expect(await host.survey({...look, release: other.release})).toMatchObject({missingFiles: 1})
  })

  test.each([
    ['no JSON', 'web'],
    ['another thing', '{"v":1}'],
    ['nothing', ''],
    ['paths that lead out of it', /"path":"Procfile"/, '"path":"../Procfile"'],
    ['a link that leads out of it', /"target":"..\/server.js"/, '"target":"../../etc/passwd"'],
    ['a hash that is none', /"digest":"[0-9a-f]{64}"/, '"digest":"$(id)"'],
  ])('what is no list of files counts as none: %s', async (_, text, replacement = '') => {
    const file = world.there('releases/r42/release.json')
    const right = readFileSync(file, 'utf8')
    chmodSync(file, 0o644)
    writeFileSync(file, typeof text === 'string' ? text : right.replace(text, replacement))
    expect(readFileSync(file, 'utf8')).not.toBe(right)

    expect(await world.newHost().recall(release)).toBeUndefined()
  })

  test('files come as they are, whatever they are called, each content once', async () => {
    const directory = await fetched()

    expect(world.read(directory)).toEqual(world.read(brought.directory))
    expect(statSync(path.join(directory, 'bin/run')).mode & 0o777).toBe(0o700)
    expect(statSync(path.join(directory, 'server.js')).mode & 0o777).toBe(0o600)
  })

  test('only what was asked for comes, and again into the same place', async () => {
    const some = brought.release.files.filter(
      ({path: place}) => place.startsWith('bin') || place === 'Procfile',
    )
    const directory = await fetched(some)
    expect(Object.keys(world.read(directory))).toEqual(['Procfile', 'bin/latest', 'bin/run'])

    writeFileSync(path.join(directory, 'Procfile'), 'half')
    await world.newHost().fetch({service: 'billing', files: some, directory})
    expect(readFileSync(path.join(directory, 'Procfile'), 'utf8')).toBe('web: node server.js\n')
  })

  test('what came from a host can be sent to another one', async () => {
    const directory = await fetched()
    rmSync(world.service, {recursive: true})
    const host = world.newHost()

    await world.bring({directory, release: brought.release}, {host})

    expect(await world.newHost().recall(release)).toEqual(brought.release)
  })

  test.each([
    ['a byte that differs', (place: string) => change(place, Buffer.from('Listen()\n'))],
    ['a byte more', (place: string) => change(place, Buffer.from('listen()\n\n'))],
    ['a byte less', (place: string) => truncateSync(place, 8)],
    ['a content that is not there', (place: string) => rmSync(place)],
  ])('a host that gives other bytes is found out: %s', async (_, spoil) => {
    spoil(world.there('objects', digestOf('listen()\n')))
    const directory = path.join(world.directory, 'fetched')
    mkdirSync(directory)
    const files = brought.release.files.filter(({path: place}) => place === 'server.js')

    const failure = await failureOf(world.newHost().fetch({service: 'billing', files, directory}))

    expect(failure).toMatchObject({code: 'E_ARTIFACT', details: {host: 'web-1'}})
    expect(['listen()\n', undefined]).toContain(world.read(directory)['server.js'])
  })

  test('a host that gives more than was asked for is stopped', async () => {
    const files = brought.release.files.filter(({path: place}) => place === 'Procfile')
    change(world.there('objects', digestOf('web: node server.js\n')), Buffer.alloc(200 * 1024 ** 2))
    const directory = path.join(world.directory, 'fetched')
    mkdirSync(directory)

    expect(await failureOf(world.newHost().fetch({service: 'billing', files, directory}))).toMatchObject({
      code: 'E_ARTIFACT',
    })
    expect(world.read(directory)).toEqual({})
  })

  test('a full disk of this machine is told as such', async () => {
    const refused = Object.assign(new Error('write'), {code: 'ENOSPC'})
    const full = listening(world.shell, [])
    full.stream = () => Promise.reject(refused)
    const directory = path.join(world.directory, 'fetched')
    mkdirSync(directory)

    const {files} = brought.release
    expect(await failureOf(world.newHost(full).fetch({service: 'billing', files, directory}))).toMatchObject({
      code: 'E_DISK_FULL',
    })
  })

  test('a host that was not set up says so', async () => {
    rmSync(path.join(world.root, 'srv'), {recursive: true})
    expect(await failureOf(world.newHost().recall(release))).toMatchObject({code: 'E_HOST_SETUP'})
    expect(await failureOf(fetched())).toMatchObject({code: 'E_HOST_SETUP'})
  })
}

/** The same shell; which scripts run through it is kept. */
function listening(shell: SshRemoteShell, scripts: string[]): SshRemoteShell {
  const run = (command: RemoteCommand) => {
    scripts.push(command.args[2] ?? '')
    return shell.run(command)
  }
  return Object.create(shell, {run: {value: run}}) as SshRemoteShell
}

function change(file: string, bytes: Buffer): void {
  chmodSync(file, 0o644)
  writeFileSync(file, bytes)
}
