import {execFileSync, spawnSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync, rmdirSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {failureOf} from '../../fakes/failure-of.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {digestOf, ReleaseWorld} from './release-world.js'

const missing = sshdMissing()
const noMount = whyNoMount()
const testOnDisk = noMount === undefined ? test : test.skip
const onDisk = noMount === undefined ? '' : ` (skipped: ${noMount})`

if (missing !== undefined) test.skip(`releases on hosts that fail (skipped: ${missing})`, () => undefined)
else describe('releases on hosts that fail', failing)

function failing(): void {
  let world: ReleaseWorld
  let isMounted: boolean

  beforeEach(async () => {
    isMounted = false
    world = await new ReleaseWorld().open()
  })

  afterEach(async () => {
    if (isMounted) execFileSync('umount', [path.join(world.root, 'srv/yard')])
    await world.close()
  })

  function mount(...options: string[]): void {
    execFileSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      ['mode=755', ...options].join(),
      'tmpfs',
      path.join(world.root, 'srv/yard'),
    ])
    isMounted = true
  }

  testOnDisk(`D15 a host with 50 MB free is refused before anything is sent${onDisk}`, async () => {
    mount('size=50m')
    const brought = await world.make(1, {big: Buffer.alloc(40 * 1024 ** 2), small: 'x'})

    const failure = await failureOf(world.survey(brought))

    expect(failure).toMatchObject({code: 'E_DISK_FULL', details: {host: 'web-1', neededFiles: 505}})
    expect(failure.message).toBe('billing r1 has no room on web-1: it needs 65 MB and 50 MB are free')
    expect([world.releases(), world.objects()]).toEqual([[], []])
    expect(await failureOf(world.place(brought))).toMatchObject({code: 'E_DISK_FULL'})
    expect(world.commands()).toHaveLength(1)
  })

  testOnDisk(`D15 old releases go before the room is measured${onDisk}`, async () => {
    mount('size=120m')
    for (let number = 1; number <= 6; number += 1) {
      await world.bring(await world.make(number, {big: Buffer.alloc(14 * 1024 ** 2, number)}), {needed: [6]})
    }

    const next = await world.make(7, {big: Buffer.alloc(14 * 1024 ** 2, 'next')})
    expect(await world.survey(next, {needed: [6]})).toMatchObject({removed: [1], releases: [2, 3, 4, 5, 6]})
    await world.place(next)
    expect(world.releases()).toEqual(['r2', 'r3', 'r4', 'r5', 'r6', 'r7'])
  })

  testOnDisk(
    `a host that has no room for so many files is refused before anything is sent${onDisk}`,
    async () => {
      mount('size=500m', 'nr_inodes=400')
      const files = Object.fromEntries(Array.from({length: 50}, (_, index) => [`file-${index}`, `${index}`]))

      const failure = await failureOf(world.survey(await world.make(1, files)))

      expect(failure).toMatchObject({code: 'E_DISK_FULL', details: {neededFiles: 553}})
      expect(failure.message).toContain('it needs 553 files more, and the disk has room for 39')
      expect(world.objects()).toEqual([])
    },
  )

  testOnDisk(
    `a disk that fills up while a release arrives is told, and holds nothing of it${onDisk}`,
    async () => {
      mount('size=60m')
      const brought = await world.make(1, {big: randomBytes(8)})
      await world.survey(brought)
      const filler = path.join(world.root, 'srv/yard/filler')
      writeFileSync(filler, Buffer.alloc(56 * 1024 ** 2))

      expect(await failureOf(world.place(brought))).toMatchObject({
        code: 'E_DISK_FULL',
        details: {host: 'web-1', step: 'place'},
      })
      expect([world.releases(), world.objects()]).toEqual([[], []])

      rmSync(filler)
      expect(await world.bring(brought)).toMatchObject({filesSent: 1})
    },
  )

  testOnDisk(`a disk that may only be read is told${onDisk}`, async () => {
    mount('size=60m')
    const brought = await world.make(1, {small: 'x'})
    execFileSync('mount', ['-o', 'remount,ro', path.join(world.root, 'srv/yard')])

    const failure = await failureOf(world.survey(brought))

    expect(failure).toMatchObject({code: 'E_PERMISSION', details: {host: 'web-1'}})
    expect(failure.message).toContain('Read-only file system')
  })

  test('D15 twenty deploys in a row that fail after the sending do not fill the disk', async () => {
    const shared = randomBytes(0.2)
    await world.bring(await world.make(1, {shared, own: randomBytes(0.1)}))
    const sizes: number[] = []
    for (let number = 2; number <= 21; number += 1) {
      await world.bring(await world.make(number, {shared, own: randomBytes(0.1)}), {needed: [1]})
      sizes.push(bytesBelow(world.service))
    }

    expect(world.releases()).toEqual(['r1', 'r16', 'r17', 'r18', 'r19', 'r20', 'r21'])
    expect(world.objects()).toHaveLength(8)
    expect(sizes.at(-1)).toBe(sizes[5])
  })

  test('D15 twenty deploys in a row that fail while a release arrives leave nothing', async () => {
    for (let number = 1; number <= 20; number += 1) {
      const brought = await world.make(number, {own: randomBytes(0.1)})
      writeFileSync(
        path.join(brought.directory, 'own'),
        Buffer.alloc(statSync(path.join(brought.directory, 'own')).size),
      )
      expect(await failureOf(world.bring(brought))).toMatchObject({code: 'E_ARTIFACT'})
    }
    expect([world.releases(), world.objects()]).toEqual([[], []])
  })
}

function bytesBelow(directory: string): number {
  const inodes = new Map<number, number>()
  for (const entry of readdirSync(directory, {recursive: true, encoding: 'utf8'})) {
    const {ino, isFile, size} = statOf(path.join(directory, entry))
    if (isFile && !entry.endsWith('release.json')) inodes.set(ino, size)
  }
  return [...inodes.values()].reduce((sum, size) => sum + size, 0)
}

function statOf(file: string): {ino: number; size: number; isFile: boolean} {
  const stat = statSync(file)
  return {ino: stat.ino, size: stat.size, isFile: stat.isFile()}
}

let seed = 0

function randomBytes(megabytes: number): Buffer {
  seed += 1
  const blocks = Math.ceil((megabytes * 1024 ** 2) / 32)
  return Buffer.concat(
    Array.from({length: blocks}, (_, index) => Buffer.from(digestOf(`${seed} ${index}`), 'hex')),
  )
}

function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root mounts a disk'
  const probe = mkdtempSync(path.join(tmpdir(), 'yard-probe-'))
  try {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe])
    if (mounted.status !== 0) return 'this machine mounts no disk'
    spawnSync('umount', [probe])
    return undefined
  } finally {
    rmdirSync(probe)
  }
}
