import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {type DeployReport} from '../../src/lifecycle/deploy.js'
import {type DeployShowReport} from '../../src/lifecycle/deploy/journal/show.js'
import {plantRecords} from '../fakes/run-command.js'
import {freePort} from '../support/free-port.js'
import {describeOnPracticeFleet, type PracticeHost} from '../support/practice-fleet/index.js'
import {listening} from './support/catalog-places.js'
import {PlainService} from './support/plain-service.js'
import {Sandbox} from './support/sandbox.js'

const practice = ['--env', 'practice']

/*
 * Ada builds. Grace has the catalog over HTTP, a state directory of her own and no repository: what she needs of a release
 * comes from the hosts that have it.
 */
describeOnPracticeFleet('a machine that built nothing', {hosts: 3}, (fleet) => {
  const team = new Sandbox()
  const ada = new Sandbox()
  const grace = new Sandbox()
  let service: PlainService

  beforeAll(async () => {
    const [first, , third] = fleet().hosts as [PracticeHost, PracticeHost, PracticeHost]
    const of = (environment: string, {name}: PracticeHost) =>
      Object.entries(fleet().records(environment)).filter(
        ([key]) => !/\/fleet-\d+$/.test(key) || key.endsWith(`/${name}`),
      )
    await plantRecords(team.state, Object.fromEntries([...of('practice', first), ...of('production', third)]))
    const port = await freePort()
    const tokens = await Promise.all(
      ['ada', 'grace'].map((name) =>
        team.json<{token: string}>(['tokens', 'create', name, '--role', 'admin']),
      ),
    )
    await listening(team.start(['serve', '--listen', `127.0.0.1:${port}`]))
    for (const [place, sandbox] of [ada, grace].entries()) {
      Object.assign(sandbox.variables, {
        YARD_CATALOG: `http://127.0.0.1:${port}`,
        YARD_TOKEN: tokens[place]?.token,
      })
      fleet().lendTo(sandbox.state)
      const platform = `ssh: {identityFile: ${fleet().identityFile}}\n`
      writeFileSync(path.join(sandbox.home, 'yard.yaml'), platform)
    }
    await Promise.all([
      ada.mustRun(['host', 'setup', first.name, ...practice]),
      grace.mustRun(['host', 'setup', third.name, '--env', 'production']),
    ])
    service = new PlainService(ada, 'sturdy')
    await ada.mustRun(['register'], {cwd: service.root})
    await ada.mustRun(['deploy', ...practice], {cwd: service.root})
    service.commit('second')
    await ada.mustRun(['deploy', ...practice], {cwd: service.root})
  }, 240_000)

  afterAll(async () => {
    await Promise.all([team, ada, grace].map((sandbox) => sandbox.dispose()))
  })

  async function runningOn(...hosts: PracticeHost[]): Promise<string[]> {
    return Promise.all(
      hosts.map(async (host) => {
        const text = await host.sh('systemctl list-units --plain --no-legend "yard-sturdy-*" | cut -d" " -f1')
        return text.trim()
      }),
    )
  }

  const filesOf = (host: PracticeHost, release: number) =>
    host.sh(
      `cd /srv/yard/sturdy/releases/r${release} && find . -type f ! -name release.json | sort | xargs sha256sum`,
    )

  test('rolls back over one connection, with the smoke tests that the host has', async () => {
    const [first] = fleet().hosts
    const mark = await first!.sshMark()

    const report = await grace.json<DeployReport>(['rollback', 'sturdy', ...practice])

    expect(report).toMatchObject({release: 1, outcome: 'live'})
    expect(report.steps.find(({step}) => step === 'smoke')).toMatchObject({outcome: 'done'})
    expect(await runningOn(first!)).toEqual(['yard-sturdy-r1.service'])
    expect((await first!.sshSince(mark)).connections).toBe(1)
  })

  test('goes on with a deploy that was killed where it was begun', async () => {
    const [first] = fleet().hosts
    service.commit('third')
    const killed = await ada.yard(['deploy', ...practice], {
      cwd: service.root,
      env: {YARD_FAILPOINT: 'health:after:kill'},
    })
    expect(killed.signal).toBe('SIGKILL')
    const [abandoned] = await grace.json<DeployShowReport[]>(['deploy', 'list', 'sturdy', ...practice])
    expect(abandoned?.state).toBe('abandoned')

    const resumed = ['deploy', 'resume', String(abandoned?.number), '--service', 'sturdy', ...practice]
    const report = await grace.json<DeployReport>(resumed)

    expect(report).toMatchObject({release: 3, outcome: 'live'})
    expect(await runningOn(first!)).toEqual(['yard-sturdy-r3.service'])
  })

  test('scales onto a host that has nothing yet, and promotes to another fleet: every byte is the same there', async () => {
    const [first, second, third] = fleet().hosts as [PracticeHost, PracticeHost, PracticeHost]
    await grace.mustRun(['hosts', 'add', second.name, ...practice, '--address', second.address])
    await grace.mustRun(['host', 'setup', second.name, ...practice, '--accept-new-host-key'])

    await grace.mustRun(['scale', 'sturdy', 'web=2', ...practice])

    expect(await runningOn(first, second)).toEqual(Array(2).fill('yard-sturdy-r3.service'))
    const files = await filesOf(first, 3)
    expect(files).toMatch(/ \.\/server\.js$/m)
    expect(await filesOf(second, 3)).toBe(files)

    const promotion = ['promote', 'sturdy', '--from', 'practice', '--to', 'production']
    const promoted = await grace.json<DeployReport>(promotion)

    expect(promoted).toMatchObject({kind: 'promote', release: 4, outcome: 'live'})
    expect(await runningOn(third)).toEqual(['yard-sturdy-r4.service'])
    expect(await filesOf(third, 4)).toBe(files)
  })
})
