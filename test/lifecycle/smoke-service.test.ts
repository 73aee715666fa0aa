import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {YamlDocumentParser} from '../../src/adapters/documents-yaml/index.js'
import {NodeHttpClient} from '../../src/adapters/http-node/index.js'
import {P3JsonPath} from '../../src/adapters/jsonpath-p3/index.js'
import {Re2RegularExpressions} from '../../src/adapters/regex-re2/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {ensureLocalEnvironment} from '../../src/catalog/seed.js'
import {
  smokeService,
  type SmokeServiceNeeds,
  type SmokeServiceRequest,
} from '../../src/lifecycle/smoke-service.js'
import {ManualClock} from '../fakes/clock.js'
import {MemoryFiles} from '../fakes/files.js'
import {type SmokeServer, startSmokeServer} from '../fakes/smoke-server.js'

let server: SmokeServer
let http: NodeHttpClient

beforeEach(async () => {
  server = await startSmokeServer(({headers}, response) => response.end(headers.host))
  http = new NodeHttpClient()
})

afterEach(async () => {
  http.close()
  await server.close()
})

const serviceFiles = {
  '/srv/hello/service.yaml': 'name: hello\nowner: shop\ndescription: greets\n',
  '/srv/hello/Procfile': 'web: node server.js\n',
}

const request: SmokeServiceRequest = {
  environment: 'local',
  directory: '/srv/hello/src',
  globs: [],
  variables: [],
  allowedHosts: [],
}

test('asks the service through the router, by its name', async () => {
  const needs = await needsWith({'/srv/hello/smoke/a.hurl': 'GET {{base_url}}/x\nHTTP 200'})

  const report = await smokeService(needs, request)

  expect(report).toMatchObject({
    service: 'hello',
    environment: 'local',
    baseUrl: `http://hello.localhost:${server.port}`,
    outcome: 'passed',
    files: [{file: 'smoke/a.hurl'}],
  })
  expect(server.requests).toMatchObject([{line: 'GET /x', headers: {host: `hello.localhost:${server.port}`}}])
})

test('takes files, variables and secrets from the caller and writes reports', async () => {
  const needs = await needsWith({
    '/srv/hello/src/b.hurl': 'GET {{base_url}}/{{user}}\nX-Key: {{key}}\nHTTP 404',
    '/srv/hello/src/.secrets': 'key=sesame-open\n',
  })

  const report = await smokeService(needs, {
    ...request,
    globs: ['b.hurl'],
    variables: ['user=alice'],
    secretsFile: '.secrets',
    jsonReportFile: 'out/report.json',
    junitReportFile: '../report.xml',
  })

  expect(report.outcome).toBe('failed')
  expect(server.requests).toMatchObject([{line: 'GET /alice', headers: {'x-key': 'sesame-open'}}])
  const written = [
    needs.files.contents.get('/srv/hello/src/out/report.json'),
    needs.files.contents.get('/srv/hello/report.xml'),
  ]
  expect(JSON.parse(written[0] ?? '')).toEqual(report)
  expect(written[1]).toContain('<testsuite name="src/b.hurl"')
  for (const text of written) expect(text).not.toContain('sesame')
})

test.each([
  [{globs: ['../../other/a.hurl']}, 'outside of the service'],
  [{variables: ['nonsense']}, 'not name=value'],
  [{secretsFile: 'gone'}, 'no such file'],
  [{variables: ['base_url=gopher://x']}, 'has to start with http'],
])('%j is refused before anything is sent', async (changes, why) => {
  const needs = await needsWith({'/srv/hello/smoke/a.hurl': 'GET {{base_url}}/x\nHTTP 200'})

  await expect(smokeService(needs, {...request, ...changes})).rejects.toMatchObject({
    code: 'E_USAGE',
    why: expect.stringContaining(why),
  })
  expect(server.requests).toHaveLength(0)
})

test('an unknown environment is named', async () => {
  const needs = await needsWith({})

  await expect(smokeService(needs, {...request, environment: 'nowhere'})).rejects.toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
  })
})

async function needsWith(
  contents: Record<string, string>,
): Promise<SmokeServiceNeeds & {files: MemoryFiles}> {
  const catalog = new Catalog(new MemoryStore())
  await ensureLocalEnvironment(catalog, server.port)
  const regularExpressions = new Re2RegularExpressions()
  return {
    http,
    files: new MemoryFiles({...serviceFiles, ...contents}),
    jsonPath: new P3JsonPath(regularExpressions),
    regularExpressions,
    clock: new ManualClock(),
    report: () => undefined,
    signal: new AbortController().signal,
    catalog,
    documents: new YamlDocumentParser(),
  }
}

test('a directory without a service is refused', async () => {
  const needs = await needsWith({})

  await expect(smokeService(needs, {...request, directory: '/elsewhere'})).rejects.toMatchObject({
    code: 'E_SERVICE_FILE',
  })
})
