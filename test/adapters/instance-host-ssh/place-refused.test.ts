import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {gunzipSync, gzipSync} from 'node:zlib'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {ReleasePackings, SshInstanceHost} from '../../../src/adapters/instance-host-ssh/index.js'
import {failureOf} from '../../fakes/failure-of.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {digestOf, ReleaseWorld, type Tree} from './release-world.js'

const missing = sshdMissing()

const tree: Tree = {
  Procfile: 'web: node server.js\n',
  'server.js': 'listen()\n',
  'bin/latest': {link: '../server.js'},
}

if (missing !== undefined) test.skip(`releases that hosts do not get (skipped: ${missing})`, () => undefined)
else describe('releases that hosts do not get', refusing)

function refusing(): void {
  let world: ReleaseWorld

  beforeEach(async () => {
    world = await new ReleaseWorld().open()
  })

  afterEach(() => world.close())

  test('a file that changed on this machine since it was unpacked is not sent as what it was', async () => {
    const longer = await world.make(1, tree)
    writeFileSync(path.join(longer.directory, 'server.js'), 'listen() // and more\n')
    expect(await failureOf(world.bring(longer))).toMatchObject({
      code: 'E_ARTIFACT',
      details: {path: 'server.js'},
    })

    const other = await world.make(2, tree)
    writeFileSync(path.join(other.directory, 'server.js'), 'Listen()\n')
    expect(await failureOf(world.bring(other))).toMatchObject({
      code: 'E_ARTIFACT',
      details: {path: 'server.js'},
    })

    const link = await world.make(3, tree)
    rmSync(path.join(link.directory, 'server.js'))
    symlinkSync('/etc/hostname', path.join(link.directory, 'server.js'))
    expect(await failureOf(world.bring(link))).toMatchObject({
      code: 'E_ARTIFACT',
      details: {path: 'server.js'},
    })
    expect(world.releases()).toEqual([])
    expect(world.objects()).toEqual([])
  })

  test('D10 a byte that flips between the packing and the disk of the host stops that host, and nothing of it stays', async () => {
    const brought = await world.make(1, tree)
    const packings = new ReleasePackings()
    const pack = packings.pack.bind(packings)
    packings.pack = async (request) => {
      const packing = await pack(request)
      const stream = gunzipSync(packing.input as Buffer)
      stream.write('Listen()', stream.indexOf('listen()'))
      return {...packing, input: gzipSync(stream)}
    }
    const host = new SshInstanceHost({shell: world.shell, root: world.root, packings})

    expect(await failureOf(world.bring(brought, {host}))).toMatchObject({
      code: 'E_ARTIFACT',
      details: {host: 'web-1', files: ['server.js']},
    })
    expect([world.releases(), world.objects()]).toEqual([[], []])
  })

  test.each([
    ['a path out of the release', {path: '../x'}],
    ['an absolute path', {path: '/etc/x'}],
    ['a path over another one', {path: 'a/../../x'}],
    ['a line break', {path: 'a\nb'}],
    ['an escape', {path: 'a\u001b[2J'}],
    ['a backslash', {path: 'a\\b'}],
    ['the name of the file that says what a release is', {path: 'release.json'}],
    ['a path twice', {path: 'Procfile'}],
    ['a path that differs by case', {path: 'PROCFILE'}],
    ['a path below a file', {path: 'Procfile/x'}],
  ])('nothing is sent of a release with %s', async (_, {path: place}) => {
    const {directory, release} = await world.make(1, {Procfile: 'web: x\n'})
    const bad = {kind: 'file', path: place, digest: digestOf('x'), bytes: 1, executable: false} as const
    const brought = {directory, release: {...release, files: [...release.files, bad]}}
    await world.survey(brought)

    const failure = await failureOf(world.place(brought))
    expect(failure).toMatchObject({code: 'E_ARTIFACT', what: "Can't send billing-r1"})
    expect(failure.message).not.toContain('when it was unpacked')
    expect(world.commands()).toHaveLength(1)
    expect([world.releases(), world.objects()]).toEqual([[], []])
  })

  test('a link that leads out is not sent, nor a file below a link', async () => {
    const {directory, release} = await world.make(1, {Procfile: 'web: x\n'})
    const out = {kind: 'link', path: 'out', target: '../../../etc'} as const
    const below = {
      kind: 'file',
      path: 'out/passwd',
      digest: digestOf('x'),
      bytes: 1,
      executable: false,
    } as const
    for (const files of [[out], [{...out, target: '.'}, below]]) {
      const brought = {directory, release: {...release, files: [...release.files, ...files]}}
      expect(await failureOf(world.place(brought))).toMatchObject({code: 'E_ARTIFACT'})
    }
    expect(world.releases()).toEqual([])
  })

  test('who took the lock before another did changes nothing', async () => {
    const brought = await world.make(1, tree)
    await world.survey(brought, {fence: {number: 7}})
    await world.survey(brought, {fence: {number: 8}, host: world.newHost()})

    const failure = await failureOf(world.place(brought, {fence: {number: 7}}))

    expect(failure).toMatchObject({code: 'E_FENCED', details: {number: 7, seen: 8}})
    expect(await failureOf(world.survey(brought, {fence: {number: 7}}))).toMatchObject({code: 'E_FENCED'})
    expect([world.releases(), world.objects()]).toEqual([[], []])
    await world.bring(brought, {fence: {number: 8}})
    await world.survey(brought, {fence: {number: 3, environment: 'production'}})
  })

  test('a machine that was not set up, or where this user may not write, says so', async () => {
    const brought = await world.make(1, tree)
    rmSync(path.join(world.root, 'srv'), {recursive: true})
    expect(await failureOf(world.survey(brought))).toMatchObject({
      code: 'E_HOST_SETUP',
      next: ['yard host setup web-1', 'yard host setup web-1 --check'],
    })
    mkdirSync(path.join(world.root, 'srv'))
    writeFileSync(path.join(world.root, 'srv/yard'), '')
    expect(await failureOf(world.survey(brought))).toMatchObject({code: 'E_HOST_SETUP'})
  })
}
