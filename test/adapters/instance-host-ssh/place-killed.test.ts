import {existsSync, readdirSync, readlinkSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {objectsOf} from '../../../src/domain/release-manifest.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {type BroughtRelease, digestOf, ReleaseWorld} from './release-world.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`a sending that is killed (skipped: ${missing})`, () => undefined)
else
  describe(
    'killed at any moment, a sending leaves no half release, and the next one mends what it left',
    killing,
  )

function killing(): void {
  let world: ReleaseWorld

  beforeEach(async () => {
    world = await new ReleaseWorld().open()
  })

  afterEach(() => world.close())

  const moments: [string, (work: string | undefined) => boolean][] = [
    ['as it begins', () => true],
    ['as the first content arrives', (work) => holds(work, 'objects', 1)],
    ['in the midst of the contents', (work) => holds(work, 'objects', 150)],
    ['as the tree is made', (work) => holds(work, 'tree', 1)],
    ['as the hashes are compared', (work) => work !== undefined && existsSync(path.join(work, 'sums'))],
    [
      'as the contents move to their place',
      (work) => existsSync(path.join(work ?? '', 'sums')) && !holds(work, 'objects', 300),
    ],
  ]

  test.each(moments)('the connection breaks %s', async (_, isMoment) => {
    await interrupted(isMoment, () => world.sshd.kill())
    await world.sshd.start()
    await mended()
  })

  test.each(moments)('the processes there are killed %s', async (_, isMoment) => {
    await interrupted(isMoment, async () => {
      for (const pid of processesBelow(world.root)) killQuietly(pid)
    })
    await mended()
  })

  async function mended(): Promise<void> {
    await until(() => processesBelow(world.root).length === 0)
    const half = await sixMegabytes(world)
    expect(['', 'r7']).toContain(
      world
        .releases()
        .filter((name) => !name.startsWith('.'))
        .join(),
    )
    await world.bring(half, {host: world.newHost()})
    expect(world.releases()).toEqual(['r7'])
    expect(Object.keys(world.read(world.there('releases/r7')))).toHaveLength(301)
    expect(world.objects()).toEqual([...objectsOf(half.release.files).keys()].sort())
    expect(await world.bring(half, {host: world.newHost()})).toMatchObject({wasThere: true})
  }

  async function interrupted(
    isMoment: (work: string | undefined) => boolean,
    kill: () => Promise<void>,
  ): Promise<void> {
    const brought = await sixMegabytes(world)
    await world.survey(brought)
    let isOver = false
    const placing = world.place(brought).then(
      () => (isOver = true),
      (error: unknown) => {
        isOver = true
        return error
      },
    )
    await until(() => isOver || isMoment(workIn(world)), 1)
    await kill()
    const end = await placing
    if (end !== true) expect(end).toHaveProperty('code', 'E_HOST_UNREACHABLE')
  }
}

/** The same every time. */
async function sixMegabytes(world: ReleaseWorld): Promise<BroughtRelease> {
  const files = Array.from({length: 300}, (_, index) => {
    const text = Array.from({length: 310}, (_, line) => digestOf(`${index} ${line}`)).join('\n')
    return [`lib/${index % 20}/file-${index}.js`, text]
  })
  return world.make(7, Object.fromEntries(files) as Record<string, string>)
}

function workIn(world: ReleaseWorld): string | undefined {
  const name = world.releases().find((each) => each.startsWith('.r'))
  return name === undefined ? undefined : world.there('releases', name)
}

function holds(work: string | undefined, name: string, least: number): boolean {
  try {
    return work !== undefined && readdirSync(path.join(work, name)).length >= least
  } catch {
    return false
  }
}

function processesBelow(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)
      } catch {
        return false
      }
    })
    .map(Number)
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

async function until(isSo: () => boolean, everyMillis = 10): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it does not come to pass')
    await new Promise((resolve) => setTimeout(resolve, everyMillis))
  }
}
