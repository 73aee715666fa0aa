import {createServer} from 'node:net'
import {type AddressInfo} from 'node:net'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {releasePlacesBelow} from '../../../src/adapters/instance-host-ssh/release-places.js'
import {surveyHost} from '../../../src/adapters/instance-host-ssh/survey.js'
import {type RemoteResult} from '../../../src/contracts/remote-shell.js'
import {type ManifestFile, type ReleaseManifest} from '../../../src/domain/release-manifest.js'
import {releasesToPrune} from '../../../src/domain/retention.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aFence, aManifest, digestOf} from './release-world.js'
import {shellHere} from './shell-here.js'

const isRoot = process.getuid?.() === 0
const testAsRoot = isRoot ? test : test.skip

let root: string
const here = (...parts: string[]) => path.join(root, 'srv/yard/billing', ...parts)

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ysv-'))
  mkdirSync(path.join(root, 'srv/yard'), {recursive: true})
})

afterEach(() => rmSync(root, {recursive: true, force: true}))

describe('a look at a host', () => {
  test('tells what is missing, what is there, and what the machine lacks', async () => {
    const kept = fileOf('a')
    const sent = fileOf('b')
    const executable = {...fileOf('a'), path: 'run', executable: true}
    makeRelease(3, [kept])
    makeRelease(41, [])
    mkdirSync(here('releases/rabbit'))

    const before = Date.now()
    const {missing, survey} = await look(aManifest(42, {files: [kept, executable, sent]}), {
      needs: ['sh', 'no-such-program', 'python3.99'],
    })

    expect(missing).toEqual([`${digestOf('a')}.x`, digestOf('b')].sort())
    expect(survey).toMatchObject({
      missingFiles: 2,
      missingBytes: 2,
      missingPrograms: ['no-such-program', 'python3.99'],
      releases: [3, 41],
      removed: [],
    })
    expect(survey.freeBytes).toBeGreaterThan(1_000_000)
    expect(Math.abs(survey.clockAheadMillis)).toBeLessThan(5_000 + Date.now() - before)
  })

  test('names the ports on which something listens', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const {port} = server.address() as AddressInfo
      const {survey} = await look(aManifest(1))
      expect(survey.takenPorts.has(port)).toBe(true)
      expect(survey.takenPorts.has(1)).toBe(false)
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('refuses a machine whose part of yard is missing or another one', async () => {
    const program = path.join(root, 'usr/lib/yard/yard-host')
    const digest = digestOf('#!/bin/sh\n')
    const missing = await failureOf(look(aManifest(1), {digest}))
    expect(missing).toMatchObject({
      code: 'E_HOST_SETUP',
      next: ['yard host setup web-1', 'yard host setup web-1 --check'],
    })

    mkdirSync(path.dirname(program), {recursive: true})
    writeFileSync(program, '#!/bin/sh\n# older\n')
    expect((await failureOf(look(aManifest(1), {digest}))).message).toContain('of another version')
    writeFileSync(program, '#!/bin/sh\n')
    await look(aManifest(1), {digest})
  })

  testAsRoot(
    `root works as the user whose the releases are${isRoot ? '' : ' (skipped: this is not root)'}`,
    async () => {
      chmodSync(root, 0o755)
      const nobody = 65_534
      for (const place of ['srv/yard', 'var/lib/yard']) {
        mkdirSync(path.join(root, place), {recursive: true})
        chownSync(path.join(root, place), nobody, nobody)
      }

      const {survey} = await look(aManifest(1), {needs: ['sh']})

      expect(survey.missingPrograms).toEqual([])
      const made = [here('releases'), here('objects'), path.join(root, 'var/lib/yard/fences/staging/billing')]
      expect(made.map((place) => statSync(place).uid)).toEqual([nobody, nobody, nobody])
    },
  )

  test('removes what a killed sending left, and contents that nothing holds but what is wanted', async () => {
    makeRelease(1, [fileOf('held')])
    const half = here('releases/.r2.0123456789ab/tree')
    mkdirSync(half, {recursive: true})
    for (const content of ['wanted', 'orphan']) writeFileSync(here('objects', digestOf(content)), content)
    linkSync(here('objects', digestOf('orphan')), path.join(half, 'file'))

    const {missing} = await look(aManifest(2, {files: [fileOf('wanted'), fileOf('held')]}))

    expect(missing).toEqual([])
    expect(readdirSync(here('releases'))).toEqual(['r1'])
    expect(readdirSync(here('objects')).sort()).toEqual([digestOf('held'), digestOf('wanted')].sort())
  })

  test('removes the releases that the rule of retention names, and no other', async () => {
    const releases = fc.uniqueArray(
      fc.oneof(fc.integer({min: 1, max: 20}), fc.integer({min: 1, max: 999_999_999})),
      {
        maxLength: 12,
      },
    )
    await fc.assert(
      fc.asyncProperty(
        releases,
        fc.array(fc.nat(11), {maxLength: 4}),
        fc.integer({min: 1, max: 25}),
        async (present, picks, wanted) => {
          rmSync(here(), {recursive: true, force: true})
          for (const number of present) mkdirSync(here(`releases/r${number}`), {recursive: true})
          const needed = picks.flatMap((pick) => present[pick] ?? [])

          const {survey} = await look(aManifest(wanted), {needed})

          const going = releasesToPrune(present, [...needed, wanted])
          expect(survey.removed).toEqual(going)
          const staying = present
            .filter((number) => !going.includes(number))
            .sort((one, other) => one - other)
          expect(survey.releases).toEqual(staying)
          expect(readdirSync(here('releases')).sort()).toEqual(staying.map((number) => `r${number}`).sort())
        },
      ),
      {numRuns: 60},
    )
  })

  test.each([
    ['nothing', ''],
    ['no space', 'clock 1790000000000\n'],
    ['no clock', 'space 1 4096 1 1\n'],
    ['a clock that is none', 'space 1 4096 1 1\nclock soon\n'],
    ['space that is none', 'space -1 4096 1 1\nclock 1790000000000\n'],
  ])('an answer without what it must say is refused: %s', async (_, stdout) => {
    expect(await failureOf(look(aManifest(1), {answer: stdout}))).toMatchObject({code: 'E_HOST_UNREACHABLE'})
  })

  test('lines that nobody asked for are not believed', async () => {
    const stdout = [
      'space 1000000000 4096 0 0',
      'clock 1790000000000',
      digestOf('not asked for'),
      `${digestOf('a')}; rm -rf /`,
      digestOf('a'),
      'release 7; reboot',
      'release 0',
      'release 99999999999',
      'lacks \u001b[2J',
      'lacks $(id)',
      'lacks python3',
      'release 8',
    ].join('\n')

    const {missing, survey} = await look(aManifest(1, {files: [fileOf('a')]}), {answer: stdout})

    expect(missing).toEqual([digestOf('a')])
    expect(survey).toMatchObject({releases: [8], missingPrograms: ['python3']})
  })

  test('whatever a machine answers ends in a survey or in an error for people', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'release 1',
        'space 9 9 9 9',
        'clock 1790000000000',
        'lacks x',
        digestOf('a'),
        'script x',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, {maxLength: 30}), async (lines) => {
        await look(aManifest(1, {files: [fileOf('a')]}), {answer: lines.join('\n')}).catch(
          (error: unknown) => {
            expect(error).toHaveProperty('code', expect.stringMatching(/^E_(HOST_UNREACHABLE|DISK_FULL)$/))
          },
        )
      }),
      {numRuns: 300},
    )
  })

  test.each([
    ['the connection broke', {outcome: 'lost'}, 'E_HOST_UNREACHABLE', 'the connection broke'],
    ['it took too long', {outcome: 'timed-out'}, 'E_HOST_UNREACHABLE', "it didn't end within 120 s"],
    ['it was killed', {outcome: 'failed', signal: 'SIGKILL'}, 'E_HOST_UNREACHABLE', 'killed by SIGKILL'],
    [
      'the disk is full',
      {outcome: 'failed', exitCode: 1, stderr: 'sh: x: No space left on device'},
      'E_DISK_FULL',
      'is full',
    ],
    [
      'it may only read',
      {outcome: 'failed', exitCode: 1, stderr: 'mkdir: x: Read-only file system'},
      'E_PERMISSION',
      'Read-only',
    ],
  ] as const)('names the host when %s', async (_, result, code, why) => {
    const failure = await failureOf(look(aManifest(1), {result: {stdout: '', stderr: '', ...result}}))
    expect(failure).toMatchObject({code, details: {host: 'web-1', step: 'survey'}})
    expect(failure.message).toContain(why)
  })
})

interface LookOptions {
  needs?: string[]
  needed?: number[]
  digest?: string
  answer?: string
  result?: RemoteResult
}

function look(release: ReleaseManifest, {answer, digest, needed = [], needs = [], result}: LookOptions = {}) {
  const fixed =
    result ??
    (answer === undefined ? undefined : ({outcome: 'succeeded', stdout: answer, stderr: ''} as const))
  const shell = shellHere(fixed && (() => fixed))
  return surveyHost(shell, releasePlacesBelow(root, digest), {
    fence: aFence(),
    release,
    neededReleases: needed,
    needs,
  })
}

function fileOf(content: string): Extract<ManifestFile, {kind: 'file'}> {
  return {kind: 'file', path: content, digest: digestOf(content), bytes: content.length, executable: false}
}

/** As a place leaves it: contents with links to them. */
function makeRelease(number: number, files: ReturnType<typeof fileOf>[]): void {
  mkdirSync(here('objects'), {recursive: true})
  mkdirSync(here(`releases/r${number}`), {recursive: true})
  for (const file of files) {
    writeFileSync(here('objects', file.digest), file.path)
    linkSync(here('objects', file.digest), here(`releases/r${number}`, file.path))
  }
}
