import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {HttpSink} from '../adapters/notify-http-sink.js'
import {AdoptedService, missingPython, pythonApp, pythonWorker} from './support/adopted-service.js'
import {get} from './support/http.js'
import {packageRoot, Sandbox} from './support/sandbox.js'

const reason = missingPython()
const describeWithPython = reason === undefined ? describe : describe.skip
const skipped = reason === undefined ? '' : ` (skipped: ${reason})`

describeWithPython(`a service that yard did not make${skipped}`, () => {
  const sandbox = new Sandbox()
  let port: number

  beforeAll(async () => {
    port = await sandbox.up()
  })
  afterAll(() => sandbox.dispose())

  async function adopt(name: string, files: Record<string, string>): Promise<AdoptedService> {
    const service = new AdoptedService(sandbox, name, files)
    await sandbox.mustRun(['register', '--init'], {cwd: service.root})
    service.commit('yard knows it')
    return service
  }

  test('with a health path in its source is checked there', async () => {
    const app = pythonApp.replace('("/",)', '("/", "/healthz")')
    const service = await adopt('healthy', {'app.py': app})
    expect(service.read('Procfile')).toBe('web: python3 app.py\n')
    expect(service.read('service.yaml')).toContain('health:\n  path: /healthz\n')
    expect(service.read('service.yaml')).toContain('needs:\n  - python3\n')

    const {stderr} = await sandbox.mustRun(['deploy'], {cwd: service.root})

    expect(stderr).toContain('GET /healthz is ready')
    expect((await get(port, {'Yard-Service': 'healthy'})).json()).toMatchObject({release: 'healthy-r1'})
  })

  test('that only accepts connections is deployed, and deployed again, without a path', async () => {
    const service = await adopt('plain', {'server.py': pythonApp})
    expect(service.read('service.yaml')).toContain('health:\n  tcp: true\n')

    await sandbox.mustRun(['deploy'], {cwd: service.root})
    // It has no health path: the usual one is not found.
    expect((await get(port, {'Yard-Service': 'plain'}, '/readyz')).status).toBe(404)
    service.write('server.py', `${pythonApp}# second\n`)
    service.commit('second')
    await sandbox.mustRun(['deploy'], {cwd: service.root})

    expect((await get(port, {'Yard-Service': 'plain'})).json()).toMatchObject({release: 'plain-r2'})
  })

  test('that listens nowhere never gets the traffic', async () => {
    const service = await adopt('deaf', {'server.py': 'import time\ntime.sleep(600)\n'})
    service.write(
      'service.yaml',
      service.read('service.yaml').replace('tcp: true', 'tcp: true\n  timeout: 2s'),
    )
    service.commit('impatient')

    const failed = await sandbox.yard(['deploy'], {cwd: service.root})

    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing accepts connections on its port'),
    })
    expect((await get(port, {'Yard-Service': 'deaf'})).status).toBe(503)
  })

  test('that takes no requests is well once it stays up, and one that ends is not', async () => {
    const service = await adopt('busy', {'worker.py': pythonWorker})
    expect(service.read('service.yaml')).toContain('health:\n  stays: 10s\n')
    service.write('service.yaml', service.read('service.yaml').replace('10s', '1s'))
    service.commit('sooner')

    await sandbox.mustRun(['deploy'], {cwd: service.root})
    expect(await sandbox.instances()).toContainEqual(
      expect.objectContaining({id: 'busy-r1.worker@localhost', running: 'running'}),
    )

    service.write('worker.py', 'import sys\nprint("no queue")\nsys.exit(3)\n')
    service.commit('broken')
    const failed = await sandbox.yard(['deploy'], {cwd: service.root})
    expect(failed).toMatchObject({code: 1, stderr: expect.stringContaining('no queue')})
    expect(await sandbox.instances()).toContainEqual(
      expect.objectContaining({id: 'busy-r1.worker@localhost', running: 'running'}),
    )
  })
})

describeWithPython(`hooks and notifications of a deploy${skipped}`, () => {
  const sandbox = new Sandbox()
  let sink: HttpSink
  let service: AdoptedService
  let port: number

  beforeAll(async () => {
    sink = await HttpSink.start()
    port = await sandbox.up()
    service = new AdoptedService(sandbox, 'hooked', {'server.py': pythonApp})
    await sandbox.mustRun(['register', '--init'], {cwd: service.root})
    writeFileSync(
      path.join(sandbox.home, 'yard.yaml'),
      [
        'hooks:',
        '  beforeDeploy: ["echo platform >> order"]',
        `  onFailure: ["cat > failure.json"]`,
        '  onRollback: ["cat > rollback.json"]',
        'notifications:',
        '  webhooks:',
        `    - url: ${sink.url}/hook`,
        '    - url: http://127.0.0.1:1/gone',
        '',
      ].join('\n'),
    )
    service.write(
      'service.yaml',
      [
        service.read('service.yaml').replace('build: []', 'build: ["cp made-by-hook shipped"]'),
        'hooks:',
        '  beforeBuild: ["echo yes > made-by-hook"]',
        '  beforeDeploy: [\'echo service >> "$HOME/order"; test ! -e forbidden\']',
        `  afterDeploy: ['cat > "$HOME/after.json"', 'cd "$HOME/hooked" && ${process.execPath} ${packageRoot}/bin/run.js deploy > "$HOME/again" 2>&1']`,
        '',
      ].join('\n'),
    )
    service.commit('hooks')
  })

  afterAll(async () => {
    await sandbox.dispose()
    await sink.stop()
  })

  function kept(name: string): string {
    return readFileSync(path.join(sandbox.home, name), 'utf8')
  }

  function told(): string[] {
    return sink.received.map(({headers}) => String(headers['yard-event']))
  }

  test('hooks run at their moments, and one that deploys again is refused instead of waiting for itself', async () => {
    const {stderr} = await sandbox.mustRun(['deploy'], {cwd: service.root})

    expect(kept('order')).toBe('platform\nservice\n')
    expect(JSON.parse(kept('after.json'))).toMatchObject({
      ...{v: 1, event: 'after-deploy', service: 'hooked', environment: 'local', deploy: 1},
      ...{release: 'hooked-r1', live: 'hooked-r1', outcome: 'live'},
    })
    expect(kept('again')).toContain('holds its lock')
    expect(stderr).toContain('the after-deploy hook')
    expect(existsSync(path.join(service.root, 'made-by-hook'))).toBe(false)
    expect((await get(port, {'Yard-Service': 'hooked'})).json()).toMatchObject({release: 'hooked-r1'})
  })

  test('D14 who is told hears of start and success, and a notifier that is gone is one line of warning', async () => {
    sink.received.length = 0

    const {code, stderr} = await sandbox.mustRun(['deploy'], {cwd: service.root})

    expect(code).toBe(0)
    expect(told()).toEqual(['started', 'succeeded'])
    expect(JSON.parse(sink.received[1]?.body ?? '')).toMatchObject({release: 'hooked-r2', outcome: 'live'})
    expect(stderr.match(/The webhook at 127\.0\.0\.1:1 was not told/g)).toHaveLength(1)
  })

  test('D14 a before-deploy hook that refuses stops the deploy with everything as it was, and its code is the same with a silent notifier', async () => {
    sink.received.length = 0
    sink.isSilent = true
    service.write('forbidden', 'yes\n')
    service.commit('forbidden')
    const began = Date.now()

    const failed = await sandbox.yard(['deploy'], {cwd: service.root})

    sink.isSilent = false
    expect(failed).toMatchObject({code: 1, stderr: expect.stringContaining('the before-deploy hook')})
    expect(Date.now() - began).toBeLessThan(20_000)
    expect(told()).toEqual(['started', 'failed'])
    expect(JSON.parse(kept('failure.json'))).toMatchObject({
      event: 'on-failure',
      outcome: 'failed',
      live: 'hooked-r2',
    })
    expect((await get(port, {'Yard-Service': 'hooked'})).json()).toMatchObject({release: 'hooked-r2'})
  })

  test('a rollback runs the hooks of the platform alone, and is told as one', async () => {
    sink.received.length = 0

    await sandbox.mustRun(['rollback'], {cwd: service.root})

    expect(JSON.parse(kept('rollback.json'))).toMatchObject({event: 'on-rollback', live: 'hooked-r1'})
    expect(told()).toEqual(['started', 'rolled-back'])
  })
})
