import {readdirSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type Load} from '../../scripts/demo/load.mjs'
import {localSteps} from '../fakes/deploy-world.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {Sandbox} from './support/sandbox.js'

const mendedSteps = ['recover', 'build', 'start', 'move', 'drain']

interface DeployJson {
  deploy: number
  release: number
}

describe('yard deploy killed with SIGKILL', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number
  let live: number

  beforeAll(async () => {
    service = new PlainService(sandbox, 'fragile')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    live = (await sandbox.json<DeployJson>(['deploy'], {cwd: service.root})).release
  })
  afterAll(() => sandbox.dispose())

  // Every other place is killed in this program, see test/lifecycle/deploy-killed.test.ts.
  for (const step of mendedSteps) {
    test(`before ${step}: the next deploy succeeds, one instance serves, nothing is left over`, async () => {
      const {load} = await kill('before', step)

      const next = await sandbox.json<DeployJson>(['deploy'], {cwd: service.root})

      expect(await load.stop()).toMatchObject({failed: 0})
      await expectOnly(next.release)
    })
  }

  for (const [place, step] of localSteps.entries()) {
    const [one, other] = place % 2 === 0 ? ['before', 'after'] : ['after', 'before']

    test(`D2 ${one} ${step}: yard deploy show says so, and it is resumed`, async () => {
      const {load, number} = await kill(one, step)
      const shown = await sandbox.json<{state: string; next: string[]}>(
        ['deploy', 'show', String(number), '--service', 'fragile'],
        {},
      )
      expect(shown).toMatchObject({
        state: 'abandoned',
        next: [expect.stringMatching(/^yard deploy resume/), expect.stringMatching(/^yard deploy abort/)],
      })

      const resumed = await sandbox.json<DeployJson>(['deploy', 'resume', String(number)], {
        cwd: service.root,
      })

      expect(resumed.deploy).toBe(number)
      expect(await load.stop()).toMatchObject({failed: 0})
      await expectOnly(resumed.release)
    })

    test(`D2 ${other} ${step}: it is aborted, and the release before it serves`, async () => {
      const {load, number} = await kill(other, step)

      const aborted = await sandbox.json<{live: number}>(['deploy', 'abort', String(number)], {
        cwd: service.root,
      })

      expect(aborted.live).toBe(live)
      expect(await load.stop()).toMatchObject({failed: 0})
      await expectOnly(live)
    })
  }

  test('D14 the audit has a row for each, marked abandoned', async () => {
    const rows = await sandbox.json<{command: string; code?: string}[]>(['audit', '--limit', '1000'])
    const killed = rows.filter(({code, command}) => command === 'deploy' && code === 'ABANDONED')

    expect(killed).toHaveLength(mendedSteps.length + 2 * localSteps.length)
  })

  /** Starts a deploy of a new commit that is killed there, under load. */
  async function kill(moment: string, step: string): Promise<{load: Load; number: number}> {
    service.commit(`killed ${moment} ${step}`)
    const load = sandbox.load(port, 'fragile')
    const killed = await sandbox.yard(['deploy'], {
      cwd: service.root,
      env: {YARD_FAILPOINT: `${step}:${moment}:kill`},
    })
    expect(killed.signal).toBe('SIGKILL')
    expect((await get(port, {'Yard-Service': 'fragile'})).status).toBe(200)
    const [newest] = await sandbox.json<{number: number}[]>(['deploy', 'list', 'fragile', '--limit', '1'])
    return {load, number: newest?.number ?? 0}
  }

  async function expectOnly(release: number): Promise<void> {
    live = release
    const answer = await get(port, {'Yard-Service': 'fragile'})
    expect(answer.json()).toMatchObject({release: `fragile-r${release}`})
    expect(await sandbox.instances()).toMatchObject([{release, state: 'up'}])
    const servers = processesNaming(`YARD_RELEASE=fragile-r`).filter(
      ({command}) => command === 'node server.js',
    )
    expect(servers).toHaveLength(1)
    expect(directoriesIn(path.join(sandbox.state, 'builds'))).toEqual([])
  }
})

function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
