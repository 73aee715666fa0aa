import {describe, expect, test} from '@jest/globals'

import {unfaithfulness} from '../../../src/domain/haproxy/faithful.js'
import {parseConfig} from '../../../src/domain/haproxy/parse.js'
import {renderSettings} from '../../../src/domain/haproxy/render-settings.js'
import {type RenderedFile} from '../../../src/domain/haproxy/rendered.js'
import {usableModel} from '../../../src/domain/haproxy/usable-model.js'
import {type RoutingModel} from '../../../src/domain/routing.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'

import {hostileValues} from './hostile.js'

const settings = renderSettings({adminSocket: '/run/yard/haproxy.sock', spares: 1})
const at = (port: number) => ({address: '127.0.0.1', port})

/** A model in which one field of one thing holds the value; all else is as it should be. */
type Planted = (value: unknown) => RoutingModel

function modelWith(change: {
  service?: object
  server?: object
  route?: object
  model?: object
}): RoutingModel {
  const server = {address: '10.0.0.2', port: 80, state: 'up'}
  const good = {name: 'good', healthPath: '/readyz', servers: [{address: '10.0.0.1', port: 80, state: 'up'}]}
  const bad = {
    ...good,
    name: 'bad',
    servers: [...good.servers, {...server, ...change.server}],
    ...change.service,
  }
  const routes = [
    {host: 'good.example.org', path: '/', service: 'good'},
    {host: 'bad.example.org', path: '/', service: 'good', ...change.route},
  ]
  const edge = {http: at(80), https: at(443), redirectsToHttps: true, routes, maxBodyBytes: 1_000}
  const model = {listen: at(7070), header: 'Yard-Service', services: [bad, good], edge, ...change.model}
  return model as unknown as RoutingModel
}

/** Fields whose value is left out, or the thing that it is part of; and the values that are none of the kind there. */
const fields: [string, Planted, harmless: string[]][] = [
  ['the address of a server', (address) => modelWith({server: {address}}), []],
  ['the port of a server', (port) => modelWith({server: {port}}), []],
  ['the weight of a server', (weight) => modelWith({server: {weight}}), []],
  ['the state of a server', (state) => modelWith({server: {state}}), []],
  ['the name of a service', (name) => modelWith({service: {name}}), []],
  ['a health path', (healthPath) => modelWith({service: {healthPath}}), ['/var/run/docker.sock']],
  ['a timeout', (responseMillis) => modelWith({service: {settings: {responseMillis}}}), []],
  ['a limit of connections', (maxConnections) => modelWith({service: {settings: {maxConnections}}}), []],
  ['a slow start', (slowStartMillis) => modelWith({service: {settings: {slowStartMillis}}}), []],
  ['a number of retries', (retries) => modelWith({service: {settings: {retries}}}), []],
  ['settings', (value) => modelWith({service: {settings: value}}), []],
  ['a public host', (host) => modelWith({route: {host}}), ['no-such-host.invalid']],
  ['a public path', (path) => modelWith({route: {path}}), ['/var/run/docker.sock']],
  ['the service of a route', (service) => modelWith({route: {service}}), []],
  [
    'the words of a maintenance',
    (maintenance) => modelWith({service: {maintenance}}),
    [
      ...['orders admin', '8080 backup', '080', '80abc', '169.254.169.254', '0', '0x7f.1', '65536', 'fd@3'],
      ...['abns@x', 'unix@/run/haproxy/admin.sock', 'no-such-host.invalid'],
    ],
  ],
  ['an address of statistics', (address) => modelWith({model: {statistics: {address, port: 1}}}), []],
  ['a port of statistics', (port) => modelWith({model: {statistics: {address: '127.0.0.1', port}}}), []],
  ['a check interval', (checkMillis) => modelWith({model: {checkMillis}}), []],
]

test.each(fields)('a hostile value as %s is left out', (_field, planted, harmless) => {
  for (const value of hostileValues) {
    const {model, skipped} = usableModel(planted(value))
    const rendered = renderHaproxy(model, settings)
    const text = rendered.files.map((file) => file.text).join('')
    const isHarmless = harmless.includes(value)

    expect({value, problem: unfaithfulness(rendered, model, settings)}).toEqual({value, problem: undefined})
    expect({value, isPlain: /^[\x20-\x7e\n]*$/.test(text)}).toEqual({value, isPlain: true})
    expect({value, told: skipped.length}).toEqual({value, told: isHarmless ? 0 : 1})
    expect(skipped.join('')).toMatch(/^[\x20-\x7e]*$/)
    expect({value, isGoodServed: isGoodServed(rendered.files)}).toEqual({value, isGoodServed: true})
    if (!isHarmless) expect({value, strange: strangersIn(rendered.files)}).toEqual({value, strange: []})
  }
})

describe('a hostile value where nothing can be left out', () => {
  const refused: [string, Planted][] = [
    ['the routing header', (header) => modelWith({model: {header}})],
    ['the address to listen on', (address) => modelWith({model: {listen: {address, port: 7070}}})],
    ['the port to listen on', (port) => modelWith({model: {listen: {address: '127.0.0.1', port}}})],
    ['an address of the edge', (address) => edgeWith({http: {address, port: 80}})],
    ['a port of the edge', (port) => edgeWith({https: {address: '127.0.0.1', port}})],
    ['a size of bodies', (maxBodyBytes) => edgeWith({maxBodyBytes})],
    ['a rate of requests', (requestsPerMinute) => edgeWith({requestsPerMinute})],
    ['a directory of certificates', (certificateDirectory) => edgeWith({certificateDirectory})],
    ['a redirect', (redirectsToHttps) => edgeWith({redirectsToHttps})],
  ]
  test.each(refused)('as %s refuses the whole model', (field, planted) => {
    // The one that is a path may be one.
    const wrong = hostileValues.filter(
      (value) => value !== '/var/run/docker.sock' || !field.includes('directory'),
    )
    for (const value of wrong)
      expect(() => usableModel(planted(value))).toThrow(expect.objectContaining({code: 'E_HAPROXY_CONFIG'}))
  })

  test('as the path of a certificate is seen in the text', () => {
    const {model} = usableModel(modelWith({}))
    for (const value of hostileValues.filter((each) => each !== '/var/run/docker.sock')) {
      const given = {...settings, certificates: [value]}
      expect(unfaithfulness(renderHaproxy(model, given), model, given)).toBeDefined()
    }
  })
})

test('there are all of the values that were written down', () => {
  expect(hostileValues).toHaveLength(44)
  expect(new Set(hostileValues).size).toBe(44)
})

test('names that are there twice are served once', () => {
  const wanted = modelWith({service: {name: 'good'}})
  const {model, skipped} = usableModel(wanted)

  expect(model.services.map(({name}) => name)).toEqual(['good'])
  expect(skipped).toEqual(['service "good": is there twice'])
})

function edgeWith(change: object): RoutingModel {
  const model = modelWith({})
  return {...model, edge: {...model.edge!, ...change}}
}

/** The good service has its server and its entry in the maps, whatever came of the others. */
function isGoodServed(files: readonly RenderedFile[]): boolean {
  const backend = parseConfig(textOf(files, 'haproxy.cfg'))?.find(({name}) => name === 'svc_good')
  const server = backend?.directives.find(([word]) => word === 'server')
  return (
    server?.[1] === '10.0.0.1:80' &&
    textOf(files, 'services.map').split('\n').includes('good svc_good') &&
    textOf(files, 'public.map').split('\n').includes('good.example.org/ good')
  )
}

/** Sections and servers that a model without the value has not. */
function strangersIn(files: readonly RenderedFile[]): string[] {
  const sections = parseConfig(textOf(files, 'haproxy.cfg')) ?? []
  const known = ['global', 'defaults', 'frontend yard', 'frontend yard_edge', 'backend spare_000']
  const titles = sections.map(({kind, name}) => `${kind} ${name ?? ''}`.trim())
  const servers = sections
    .flatMap(({directives}) => directives)
    .filter(([word]) => word === 'server')
    .map(([, name, address]) => `${String(name)} ${String(address)}`)
  const expected = ['10.0.0.1:80 10.0.0.1:80', '10.0.0.2:80 10.0.0.2:80']
  return [
    ...titles.filter((title) => !['backend svc_bad', 'backend svc_good', ...known].includes(title)),
    ...servers.filter((server) => !expected.includes(server)),
  ]
}

function textOf(files: readonly RenderedFile[], wanted: string): string {
  return files.find(({name}) => name === wanted)?.text ?? ''
}
