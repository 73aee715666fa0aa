import {execFileSync, spawnSync} from 'node:child_process'
import {cpSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {startTraffic, type Traffic} from '../../bench/fleet/traffic.mjs'
import {keys} from '../../src/catalog/keys.js'
import {type Environment} from '../../src/domain/environment.js'
import {type DeployReport} from '../../src/lifecycle/deploy.js'
import {type DeployShowReport} from '../../src/lifecycle/deploy/journal/show.js'
import {plantRecords} from '../fakes/run-command.js'
import {describeOnPracticeFleet, type TestFleet} from '../support/practice-fleet/index.js'
import {AdoptedService, pythonApp, pythonWorker} from './support/adopted-service.js'
import {packageRoot, Sandbox} from './support/sandbox.js'

interface SetUp {
  hosts: {host: string; outcome: string; changes: unknown[]}[]
}

interface Processes {
  processes: {instance: string; state: string; hasTraffic: boolean; pid: number}[]
}

const where = ['--env', 'practice']
const hosts = ['fleet-1', 'fleet-2', 'fleet-3']

/** Between a machine that is idle and one that is busy with other tests there is a factor of four. */
const firstDeploysMillis = 240_000

/** The build of the generated service is `npm ci`. */
const missingRegistry =
  spawnSync('npm', ['ping'], {timeout: 30_000}).status === 0 ? undefined : 'npm ping does not succeed'

describeOnPracticeFleet('the life of a fleet', {hosts: 3, missing: missingRegistry}, (fleet) => {
  const sandbox = new Sandbox()
  let orders: string
  let guestbook: AdoptedService
  let mailer: AdoptedService

  beforeAll(async () => {
    await joinFleet(sandbox, fleet())
    await sandbox.mustRun(['generate', 'service', 'orders', '--owner', 'team-test', '--no-install'])
    orders = path.join(sandbox.home, 'orders')
    await sandbox.mustRun(['register'], {cwd: orders})
    guestbook = await adopt('guestbook', {
      'app.py': pythonApp.replace('("/",)', '("/", "/healthz")').replace('"127.0.0.1"', 'os.environ["HOST"]'),
    })
    mailer = await adopt('mailer', {'worker.py': pythonWorker}, ['stays: 10s', 'stays: 2s'])
  })
  afterAll(() => sandbox.dispose())

  async function adopt(
    name: string,
    files: Record<string, string>,
    [from, to] = ['', ''],
  ): Promise<AdoptedService> {
    const service = new AdoptedService(sandbox, name, files)
    await sandbox.mustRun(['register', '--init'], {cwd: service.root})
    service.write('service.yaml', service.read('service.yaml').replace(from, to))
    service.commit('yard knows it')
    return service
  }

  const setUpAll = async () => (await sandbox.json<SetUp>(['host', 'setup', '--all', ...where])).hosts

  const deployed = (cwd: string) => sandbox.json<DeployReport>(['deploy', ...where], {cwd})

  async function running(service: string): Promise<string[]> {
    const {processes} = await sandbox.json<Processes>(['ps', service, ...where])
    return processes.map(({instance, state}) => `${instance} ${state}`).sort()
  }

  const onEach = (instance: string) => hosts.map((host) => `${instance}@${host} running`)

  /** What the router of each host answers. */
  function answers(service: string): Promise<{status: number; body: string}[]> {
    return Promise.all(
      fleet().hosts.map(async ({address}) => {
        const answer = await fetch(`http://${address}:7070/`, {headers: {'Yard-Service': service}})
        return {status: answer.status, body: await answer.text()}
      }),
    )
  }

  test('three bare hosts become ready and run a generated, an adopted and a worker service; setup again changes nothing', async () => {
    const begun = Date.now()
    const ready = await setUpAll()
    const readyMillis = Date.now() - begun
    const reports = await Promise.all([orders, guestbook.root, mailer.root].map(deployed))
    const millis = Date.now() - begun

    console.log(
      `three bare hosts ready after ${(readyMillis / 1000).toFixed(1)} s, three services live on them after ${(millis / 1000).toFixed(1)} s`,
    )
    expect(millis).toBeLessThan(firstDeploysMillis)
    expect(ready.map(({host, outcome}) => `${host} ${outcome}`).sort()).toEqual(
      hosts.map((host) => `${host} ready`),
    )
    expect(reports.map(({outcome, release}) => [outcome, release])).toEqual(reports.map(() => ['live', 1]))
    expect(await running('orders')).toEqual(onEach('orders-r1'))
    expect(await running('guestbook')).toEqual(onEach('guestbook-r1'))
    expect(await running('mailer')).toEqual(onEach('mailer-r1.worker'))
    expect((await answers('orders')).map(({status}) => status)).toEqual([200, 200, 200])
    for (const {body} of await answers('guestbook')) {
      expect(JSON.parse(body)).toEqual({release: 'guestbook-r1', path: '/'})
    }

    const again = await setUpAll()
    expect(again.map(({changes, outcome}) => [outcome, changes])).toEqual(hosts.map(() => ['unchanged', []]))
    expect(await running('guestbook')).toEqual(onEach('guestbook-r1'))
  }, 300_000)

  test('a worker is scaled and restarted, and a one-off process runs beside it', async () => {
    await sandbox.mustRun(['scale', 'mailer', 'worker=4', ...where])
    expect(await running('mailer')).toEqual(
      [...onEach('mailer-r1.worker'), 'mailer-r1.worker.2@fleet-1 running'].sort(),
    )

    await sandbox.mustRun(['restart', 'mailer', '--batch', '3', ...where])
    const restarted = await running('mailer')
    expect(restarted).toHaveLength(4)
    expect(restarted.filter((line) => onEach('mailer-r1.worker').includes(line))).toEqual([])

    const script = 'import os, sys; print(os.environ["YARD_RELEASE"]); sys.exit(3)'
    const once = await sandbox.yard(['run', 'mailer', ...where, '--', 'python3', '-c', script])
    expect(once).toMatchObject({code: 3, stdout: 'mailer-r1\n'})
  }, 240_000)

  test('what is live on this machine is promoted to the hosts as it is, and a rollback brings back what was there', async () => {
    await sandbox.up()
    guestbook.write('greeting.txt', 'Good day\n')
    guestbook.commit('greets')
    await sandbox.mustRun(['deploy', '--env', 'local'], {cwd: guestbook.root})

    const promoted = await sandbox.json<DeployReport>(['promote', '--from', 'local', '--to', 'practice'], {
      cwd: guestbook.root,
    })

    const named = `guestbook-r${promoted.release}`
    expect(promoted.steps.find(({step}) => step === 'build')?.outcome).not.toBe('done')
    expect(await running('guestbook')).toEqual(onEach(named))
    for (const {body} of await answers('guestbook')) expect(JSON.parse(body)).toMatchObject({release: named})
    for (const host of fleet().hosts) {
      const shipped = `/srv/yard/guestbook/releases/r${promoted.release}/greeting.txt`
      expect(await host.run('cat', shipped)).toBe('Good day\n')
    }

    await sandbox.mustRun(['rollback', ...where], {cwd: guestbook.root})

    expect(await running('guestbook')).toEqual(onEach('guestbook-r1'))
    const listed = await sandbox.json<DeployShowReport[]>(['deploy', 'list', 'guestbook', ...where])
    expect(listed.map(({kind, state}) => `${kind} ${state}`)).toEqual([
      'rollback live',
      'promote live',
      'deploy live',
    ])
    const shown = await sandbox.json<DeployShowReport>([
      'deploy',
      'show',
      String(listed[1]?.number),
      '--service',
      'guestbook',
      ...where,
    ])
    expect(shown).toMatchObject({kind: 'promote', state: 'live'})
    expect(shown.hosts.map(({batch, host, outcome}) => `${batch} ${host} ${outcome}`)).toEqual(
      hosts.map((host, index) => `${index + 1} ${host} done`),
    )
    const {stdout} = await sandbox.mustRun(['status', ...where])
    for (const host of hosts) expect(stdout).toMatch(new RegExp(`guestbook +r1 .*guestbook-r1@${host} `))
  }, 240_000)
})

describeOnPracticeFleet('a fleet under traffic', {hosts: 3}, (fleet) => {
  const sandbox = new Sandbox()
  const service = path.join(sandbox.home, 'patient')
  let traffic: Traffic | undefined

  beforeAll(async () => {
    await joinFleet(sandbox, fleet())
    await sandbox.mustRun(['host', 'setup', '--all', ...where])
    cpSync(path.join(packageRoot, 'test/fixtures/patient-service'), service, {recursive: true})
    git('init', '--quiet', '--initial-branch=main')
    commit('first')
    await sandbox.mustRun(['register'], {cwd: service})
    await sandbox.mustRun(['deploy', ...where], {cwd: service})
  })
  afterAll(async () => {
    await traffic?.stop()
    await sandbox.dispose()
  })

  const git = (...words: string[]) => execFileSync('git', words, {cwd: service, stdio: 'ignore'})

  function commit(message: string): void {
    git('add', '--all')
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@yard.invalid', '-c', 'commit.gpgsign=false']
    git(...who, 'commit', '--quiet', '--allow-empty', '--message', message)
  }

  test('D5 deploys and rollbacks under 300 requests a second, five-second answers and WebSockets lose none of them', async () => {
    const addresses = fleet().hosts.map(({address}) => address)
    traffic = startTraffic({addresses, service: 'patient', perSecond: 300})
    for (const message of ['second', 'third']) {
      commit(message)
      await sandbox.mustRun(['deploy', ...where], {cwd: service})
      await sandbox.mustRun(['rollback', 'patient', ...where])
    }

    const {quick, releases, seconds, slow, sockets} = await traffic.stop()

    console.log(
      `2 deploys and 2 rollbacks in ${seconds.toFixed(0)} s: lost ${quick.failed} of ${quick.answered} requests, ${slow.failed} of ${slow.answered} of five seconds, ${sockets.failed} of ${sockets.answered} WebSockets`,
    )
    const counted = {quick, slow, sockets}
    expect(counted).toMatchObject({quick: {failed: 0}, slow: {failed: 0}, sockets: {failed: 0}})
    expect(quick.answered).toBeGreaterThan(seconds * 200)
    expect([slow.answered, sockets.answered].every((count) => count > seconds)).toBe(true)
    expect(releases.sort()).toEqual(['patient-r1', 'patient-r2', 'patient-r3'])
  }, 240_000)
})

/** The hosts are in the catalog of this sandbox, and their routers answer this machine. */
async function joinFleet(sandbox: Sandbox, fleet: TestFleet): Promise<void> {
  const records = fleet.records()
  const environment = records[keys.environment('practice')] as Environment
  environment.router.address = '0.0.0.0'
  fleet.lendTo(sandbox.state)
  await plantRecords(sandbox.state, records)
}
