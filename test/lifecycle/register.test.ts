import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {register, type RegisterRequest} from '../../src/lifecycle/register.js'
import {registerView} from '../../src/terminal/register-view.js'
import {DeployWorld, root, serviceText} from '../fakes/deploy-world.js'

const request: RegisterRequest = {directory: root, init: false, dryRun: false}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
  await world.catalog.store.transact([], [{delete: keys.service('hello')}])
})

describe('registering', () => {
  test('puts what the files say into the catalog', async () => {
    const report = await register(world.needs(), request)

    expect(report.outcome).toBe('added')
    expect((await world.catalog.services.get(keys.service('hello')))?.record).toMatchObject({
      name: 'hello',
      owner: 'ada',
      repository: 'https://example.com/hello.git',
      processes: {web: 'node server.js'},
      health: {path: '/readyz'},
      routes: [
        {kind: 'header', value: 'hello'},
        {kind: 'internal', value: 'hello'},
      ],
    })
  })

  test('again changes nothing, and a change is shown as a diff', async () => {
    const first = await register(world.needs(), request)
    expect((await register(world.needs(), request)).outcome).toBe('unchanged')
    world.tree.set('service.yaml', serviceText.replace('ada', 'grace'))

    const report = await register(world.needs(), request)

    expect(report).toMatchObject({
      outcome: 'changed',
      changes: [{field: 'owner', before: 'ada', after: 'grace'}],
    })
    expect(report.service.registeredAt).toBe(first.service.registeredAt)
    expect(registerView(report)).toContain('  - owner: ada\n  + owner: grace')
  })

  test('keeps what it calls, sorted and each once, and shows a change of it', async () => {
    world.tree.set('service.yaml', `${serviceText}calls: [mail, identity, mail]\n`)
    const {service} = await register(world.needs(), request)
    expect(service.calls).toEqual(['identity', 'mail'])
    world.tree.set('service.yaml', `${serviceText}calls: [identity]\n`)

    const report = await register(world.needs(), request)

    expect(report.changes).toEqual([{field: 'calls', before: 'identity, mail', after: 'identity'}])
  })

  test.each([
    ['calls: [hello]', 'service.yaml:6:9 calls.0 names the service itself'],
    ['calls: [mail, Mail!]', 'service.yaml:6:15 calls.1 must be the name of a service'],
    ['calls: mail', 'service.yaml:6:1 calls must be a list'],
    ['calls: [5]', 'service.yaml:6:9 calls.0 must be the name of a service'],
  ])('refuses %j with its place', async (line, why) => {
    world.tree.set('service.yaml', `${serviceText}${line}\n`)

    await expect(register(world.needs(), request)).rejects.toMatchObject({code: 'E_SERVICE_FILE', why})
  })

  test('as a dry run writes nothing', async () => {
    const before = await world.catalog.store.range('/')

    expect(await register(world.needs(), {...request, dryRun: true})).toMatchObject({
      outcome: 'added',
      dryRun: true,
    })
    expect(await world.catalog.store.range('/')).toEqual(before)
  })

  test('outside of a repository is refused', () =>
    expect(register(world.needs(), {...request, directory: '/tmp'})).rejects.toMatchObject({
      code: 'E_NO_REPOSITORY',
    }))
})

describe('registering a service that yard did not make', () => {
  test('writes both files from package.json, and never over what is there', async () => {
    world.tree.clear()
    world.tree.set(
      'package.json',
      JSON.stringify({
        name: '@shop/Order_Book',
        description: 'a: "b"',
        scripts: {start: 'node app.js', build: 'tsc'},
      }),
    )
    world.tree.set('package-lock.json', '{}')

    const report = await register(world.needs(), {...request, init: true})

    expect(report.service).toMatchObject({
      name: 'order-book',
      description: 'a: "b"',
      processes: {web: 'node app.js'},
    })
    expect(world.tree.get('Procfile')).toBe('web: node app.js\n')
    expect(world.tree.get('service.yaml')).toContain('  - "npm run build"')
    const again = await register(world.needs(), {...request, init: true})
    expect(again.init).toMatchObject({written: [], kept: [`${root}/Procfile`, `${root}/service.yaml`]})
  })

  test.each([
    ['Python', {'app.py': '', 'requirements.txt': ''}, 'web: python3 app.py\n'],
    ['Python', {'main.py': 'from flask import Flask'}, 'web: python3 main.py\n'],
    ['Python', {'main.py': 'while True: work()'}, 'worker: python3 main.py\n'],
    ['Python', {'app.py': '', 'worker.py': ''}, 'web: python3 app.py\nworker: python3 worker.py\n'],
    ['Go', {'go.mod': '', 'main.go': 'import "net/http"'}, 'web: bin/server\n'],
    ['Go', {'go.mod': '', 'main.go': 'package main'}, 'worker: bin/server\n'],
    ['Node', {'package.json': '{}', 'server.js': ''}, 'web: node server.js\n'],
    ['Node', {'server.js': ''}, 'web: node server.js\n'],
    ['Node', {'worker.js': ''}, 'worker: node worker.js\n'],
  ])('recognises %s from %j', async (kind, files, procfile) => {
    world.tree.clear()
    for (const [name, text] of Object.entries(files)) world.tree.set(name, text)

    expect((await register(world.needs(), {...request, init: true})).init?.recognised).toBe(kind)
    expect(world.tree.get('Procfile')).toBe(procfile)
  })

  test.each([
    [{'app.py': 'if self.path == "/healthz":'}, {path: '/healthz'}, ['python3']],
    [{'app.py': "app.get('/ready') or '/health'"}, {path: '/ready'}, ['python3']],
    [{'app.py': 'http.server'}, {kind: 'tcp'}, ['python3']],
    [{'app.py': '# see /healthz'}, {kind: 'tcp'}, ['python3']],
    [{'app.py': '', 'test_app.py': 'get("/healthz")'}, {kind: 'tcp'}, ['python3']],
    [{'go.mod': '', 'main.go': 'import "net/http"; f("/readyz")'}, {path: '/readyz'}, []],
    [{'worker.py': ''}, {kind: 'none', stableMillis: 10_000}, ['python3']],
    [{Procfile: 'worker: PYTHONPATH=vendor exec python3 -m jobs\n'}, {kind: 'none'}, ['python3']],
    [{Procfile: 'web: ./start\nrelease: ruby migrate.rb\n'}, {kind: 'tcp'}, ['ruby']],
  ])('of %j finds out how it is well and what it needs', async (files, health, needs) => {
    world.tree.clear()
    for (const [name, text] of Object.entries(files)) world.tree.set(name, text)

    const {service} = await register(world.needs(), {...request, init: true})

    expect(service.health).toMatchObject(health)
    const written = world.tree.get('service.yaml') ?? ''
    expect(needs.every((program) => written.includes(`\n  - ${program}\n`))).toBe(true)
    expect(written.includes('needs:')).toBe(needs.length > 0)
  })

  test('keeps a Procfile that is there', async () => {
    world.tree.delete('service.yaml')

    await register(world.needs(), {...request, init: true})

    expect(world.tree.get('Procfile')).toBe('web: node server.js\n')
    expect(world.tree.get('service.yaml')).toContain('name: hello')
  })

  test('says what to do when it can not tell how the service is started', async () => {
    world.tree.clear()
    world.tree.set('README.md', '')

    await expect(register(world.needs(), {...request, init: true})).rejects.toMatchObject({
      code: 'E_SERVICE_FILE',
    })
    expect([...world.tree.keys()]).toEqual(['README.md'])
  })

  test('as a dry run shows what it would write, and writes nothing', async () => {
    world.tree.delete('service.yaml')

    const report = await register(world.needs(), {...request, init: true, dryRun: true})

    expect(report.init?.written.map(({path}) => path)).toEqual([`${root}/service.yaml`])
    expect(world.tree.has('service.yaml')).toBe(false)
  })
})
