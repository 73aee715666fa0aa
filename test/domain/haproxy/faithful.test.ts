import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {unfaithfulness} from '../../../src/domain/haproxy/faithful.js'
import {parseConfig} from '../../../src/domain/haproxy/parse.js'
import {renderSettings} from '../../../src/domain/haproxy/render-settings.js'
import {type RenderedRouting} from '../../../src/domain/haproxy/rendered.js'
import {usableModel} from '../../../src/domain/haproxy/usable-model.js'
import {type RoutedServer, type RoutingModel} from '../../../src/domain/routing.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'

import {hostileStrings, validModels} from './models.js'

const settings = renderSettings({adminSocket: '/run/yard/haproxy.sock', spares: 2})
const server: RoutedServer = {address: '10.0.0.1', port: 80, state: 'up'}

function modelOf(
  service: Partial<RoutingModel['services'][number]>,
  more: Partial<RoutingModel> = {},
): RoutingModel {
  return {
    listen: {address: '127.0.0.1', port: 7070},
    header: 'Yard-Service',
    services: [{name: 'hello', healthPath: '/readyz', servers: [server], ...service}],
    ...more,
  }
}

describe('the second look at rendered text', () => {
  test('finds exactly the model in any valid model', () => {
    fc.assert(
      fc.property(validModels, (wanted) => {
        const {model} = usableModel(wanted)
        expect(unfaithfulness(renderHaproxy(model, settings), model, settings)).toBeUndefined()
      }),
      {numRuns: 300},
    )
  })

  test('any string in any field is left out, or rendered as nothing but what was meant', () => {
    const text = fc.oneof(fc.string({unit: 'binary'}), fc.string(), fc.constantFrom(...hostileStrings))
    fc.assert(
      fc.property(text, text, text, fc.oneof(text, fc.integer()), (name, healthPath, address, port) => {
        const servers = [server, {address, port: port as number, state: 'up' as const}]
        const {model} = usableModel(modelOf({name, healthPath, servers}))
        const rendered = renderHaproxy(model, settings)
        expect(unfaithfulness(rendered, model, settings)).toBeUndefined()
        expect(
          rendered.files[0]!.text.split('\n').filter((line) => line.includes(' server ')).length,
        ).toBeLessThanOrEqual(2)
      }),
      {numRuns: 500},
    )
  })

  // As if the first boundary weren't there: what it lets through by mistake is stopped here.
  const slipped: [string, RoutingModel][] = [
    ['a newline in a path', modelOf({healthPath: "/x'\n  server evil 203.0.113.9:80 #"})],
    ['a quote in a path', modelOf({healthPath: "/x' hdr X y '"})],
    ['a word behind an address', modelOf({servers: [{...server, address: '10.0.0.1:80 backup #'}]})],
    ['a line behind a port', modelOf({servers: [{...server, port: '80\n  server e 1.2.3.4:80' as never}]})],
    ['a section in a name', modelOf({name: 'x\n\nlisten evil\n  bind :1'})],
    ['a space in a name', modelOf({name: 'orders admin'})],
    ['a second address to listen on', modelOf({}, {listen: {address: '127.0.0.1:1,0.0.0.0', port: 2}})],
    [
      'a rule in the header',
      modelOf({}, {header: 'X) gt 9\n  default_backend svc_hello\n  acl a req.fhdr_cnt(X'}),
    ],
    ['a letter beyond ASCII', modelOf({healthPath: '/é'})],
    ['an escape sequence', modelOf({healthPath: '/\u001b[31m'})],
  ]
  test.each(slipped)('objects to %s', (_what, model) => {
    expect(unfaithfulness(renderHaproxy(model, settings), model, settings)).toBeDefined()
  })

  const edge: RoutingModel['edge'] = {
    http: {address: '127.0.0.1', port: 80},
    https: {address: '127.0.0.1', port: 443},
    redirectsToHttps: true,
    routes: [{host: 'example.org', path: '/app', service: 'hello'}],
    requestsPerMinute: 60,
    maxBodyBytes: 1_000,
  }
  const whole = modelOf(
    {maintenance: 'Back soon.', settings: {retries: 1, maxConnections: 3}},
    {statistics: {address: '127.0.0.1', port: 7071}, checkMillis: 2_000, edge},
  )
  const config = 'haproxy.cfg'
  const changes: [string, (text: string) => string][] = [
    ['services.map', (text) => `${text}x svc_hello\n`],
    ['services.map', () => ''],
    ['services.map', (text) => text.replace('hello svc', 'hullo svc')],
    ['maintenance.map', () => ''],
    ['maintenance.map', (text) => text.replace('Back', 'Gone')],
    ['public.map', (text) => text.replace('/app/', '/')],
    ['public.map', (text) => text.replace(' hello', ' other')],
    ['certificates.list', () => '/etc/passwd\n'],
    [config, (text) => text.replace(/^ {2}server .*\n/m, '')],
    [config, (text) => `${text}  server x 10.0.0.2:80\n`],
    [config, (text) => `${text}\nbackend svc_more\n`],
    [config, (text) => text.replace('check inter', 'backup check inter')],
    [config, (text) => text.replace('maxconn 3', 'maxconn 4')],
    [config, (text) => text.replace('retries 1\n', 'retries 2\n')],
    [config, (text) => text.replace('inter 2000ms', 'inter 2001ms')],
    [config, (text) => text.replace('/readyz', '/readyx')],
    [config, (text) => text.replace('Host hello.localhost', 'Host hullo.localhost')],
    [config, (text) => text.replace('backend svc_hello', 'backend svc_hello\n\nbackend svc_hullo')],
    [config, (text) => text.replace('backend spare_001', 'backend svc_more')],
    [config, (text) => text.replace('spare_001\n', 'spare_001\n  server x 10.0.0.2:80\n')],
    [config, (text) => text.replace('  bind ', '  default_backend svc_hello\n  bind ')],
    [config, (text) => text.replace('bind 127.0.0.1:7070', 'bind 0.0.0.0:7070')],
    [config, (text) => text.replace('bind 127.0.0.1:7071', 'bind 0.0.0.0:7071')],
    [config, (text) => text.replace('bind 127.0.0.1:443 ssl', 'bind 127.0.0.1:443')],
    [config, (text) => text.replace('\n  bind 127.0.0.1:80\n', '\n')],
    [config, (text) => text.replace('  http-request del-header ^yard[-_] -m reg\n', '')],
    [config, (text) => text.replace("  http-request del-header '^yard[-_]service$' -m reg\n", '')],
    [config, (text) => text.replace('\ndefaults\n', '\nuserlist x\ndefaults\n')],
    [config, (text) => text.replace('level admin', 'level user')],
    [config, (text) => text.replace('/run/yard/haproxy.sock', '/run/yard/other.sock')],
    [config, (text) => text.replace('description ', 'description 0')],
    [config, (text) => text.replace('  nbthread', '  lua-load /x\n  nbthread')],
    [config, (text) => text.replace('  nbthread', '  nbthread\u00e9')],
    [config, (text) => text.replace('Host hello', 'Host\thello')],
  ] // prettier-ignore
  test.each(changes)('objects to a change of %s by %s', (file, change) => {
    const rendered = renderHaproxy(whole, settings)
    const wrong = withFile(rendered, file, change)

    expect(unfaithfulness(rendered, whole, settings)).toBeUndefined()
    expect(wrong).not.toEqual(rendered)
    expect(unfaithfulness(wrong, whole, settings)).toBeDefined()
    expect(unfaithfulness(rendered, whole, settings)).toBeUndefined()
  })

  test.each([
    (text: string) => text.replace('option tcp-check', 'option httpchk'),
    (text: string) => text.replace('  option tcp-check\n', ''),
    (text: string) => text.replace('option tcp-check', 'option tcp-check\n  tcp-check connect port 22'),
  ])('objects to another check of a service that only accepts connections: %s', (change) => {
    const model = {...modelOf({}), services: [{name: 'hello', servers: [server]}]}
    const rendered = renderHaproxy(model, settings)

    expect(unfaithfulness(rendered, model, settings)).toBeUndefined()
    expect(unfaithfulness(withFile(rendered, config, change), model, settings)).toBeDefined()
  })

  test('objects to a file more or less', () => {
    const rendered = renderHaproxy(whole, settings)
    const {files} = rendered

    expect(unfaithfulness({...rendered, files: files.slice(1)}, whole, settings)).toBeDefined()
    expect(unfaithfulness({...rendered, files: [...files, files[1]!]}, whole, settings)).toBeDefined()
  })

  test('is not content with what it knew of another model', () => {
    const model = modelOf({})
    const rendered = renderHaproxy(model, settings)
    const others = [
      modelOf({servers: []}),
      modelOf({servers: [{...server, port: 81}]}),
      modelOf({servers: [{...server, state: 'draining'}]}),
      modelOf({servers: [{...server, weight: 1}]}),
      modelOf({healthPath: '/'}),
      {...model, services: [{name: 'hello', servers: [server]}]},
      modelOf({settings: {retries: 1}}),
      modelOf({settings: {maxConnections: 1}}),
      modelOf({}, {checkMillis: 999}),
    ]

    for (const other of others) {
      expect(unfaithfulness(rendered, model, settings)).toBeUndefined()
      expect(unfaithfulness(rendered, other, settings)).toBeDefined()
      expect(unfaithfulness(renderHaproxy(other, settings), other, settings)).toBeUndefined()
    }
  })

  test.each([
    '/x y.pem',
    '/x.pem [verify none]',
    '/x.pem\n/etc/shadow',
    'x.pem',
    '/x.pem !a.example',
    '/é.pem',
    '',
  ])('objects to a certificate at %j', (certificate) => {
    const given = {...settings, certificates: ['/etc/yard/good.pem', certificate]}

    expect(unfaithfulness(renderHaproxy(whole, given), whole, given)).toBeDefined()
  })

  test.each(['/run/a b', '/run/a\n  stats socket /tmp/x', 'relative', "/run/'x"])(
    'objects to a socket at %j',
    (adminSocket) => {
      const given = {...settings, adminSocket}

      expect(unfaithfulness(renderHaproxy(whole, given), whole, given)).toBeDefined()
    },
  )
})

function withFile(
  rendered: RenderedRouting,
  file: string,
  change: (text: string) => string,
): RenderedRouting {
  const files = rendered.files.map(({name, text}) => ({name, text: name === file ? change(text) : text}))
  return {...rendered, files}
}

test('a file is split into words as HAProxy splits it', () => {
  const text = "global # words\n  a 'b c'd e\\ f ''\n\nbackend x\n  y#z\n"

  expect(parseConfig(text)).toEqual([
    {kind: 'global', name: undefined, directives: [['a', 'b cd', 'e f', '']]},
    {kind: 'backend', name: 'x', directives: [['y']]},
  ])
  for (const refused of ['a b', 'global\n  "x"', "global\n  'x", 'backend x y'])
    expect(parseConfig(refused)).toBeUndefined()
})
