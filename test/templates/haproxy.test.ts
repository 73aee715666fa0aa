import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {unfaithfulness} from '../../src/domain/haproxy/faithful.js'
import {renderSettings} from '../../src/domain/haproxy/render-settings.js'
import {usableModel} from '../../src/domain/haproxy/usable-model.js'
import {type RoutedEdge, type RoutingModel} from '../../src/domain/routing.js'
import {renderHaproxy} from '../../src/templates/haproxy.js'
import {shuffled, validModels} from '../domain/haproxy/models.js'

const golden = path.join(import.meta.dirname, '../golden/haproxy')
const listen = {address: '127.0.0.1', port: 7070}
const settings = renderSettings({adminSocket: '/run/yard/haproxy.sock', spares: 2})

const edge: RoutedEdge = {
  http: {address: '0.0.0.0', port: 80},
  https: {address: '0.0.0.0', port: 443},
  certificateDirectory: '/etc/yard/certificates',
  redirectsToHttps: true,
  routes: [
    {host: 'billing.example.org', path: '/', service: 'billing'},
    {host: 'example.org', path: '/', service: 'billing'},
    {host: 'example.org', path: '/orders/history', service: 'order-history'},
  ],
  requestsPerMinute: 600,
  maxBodyBytes: 10_485_760,
}

const twoServices: RoutingModel = {
  listen: {address: '10.0.0.7', port: 8080},
  header: 'Team-Service',
  services: [
    {
      name: 'billing',
      healthPath: '/readyz',
      servers: [
        {address: '127.0.0.1', port: 4001, state: 'draining'},
        {address: '127.0.0.1', port: 4002, state: 'up'},
      ],
    },
    {name: 'order-history', healthPath: '/health/$x?deep=(1)&a=%20', servers: []},
  ],
}

const models: Record<string, RoutingModel> = {
  'no-service': {listen, header: 'Yard-Service', services: []},
  'two-services': twoServices,
  weights: {
    listen,
    header: 'Yard-Service',
    services: [
      {
        name: 'weighed',
        healthPath: '/',
        servers: [
          {address: '127.0.0.1', port: 4001, state: 'draining', weight: 50},
          {address: '127.0.0.1', port: 4002, state: 'up', weight: 10},
          {address: '127.0.0.1', port: 4003, state: 'up', weight: 0},
          {address: '127.0.0.1', port: 4004, state: 'up', weight: 256},
        ],
      },
    ],
  },
  'check-by-tcp': {
    listen,
    header: 'Yard-Service',
    services: [
      {name: 'plain', servers: [{address: '127.0.0.1', port: 4001, state: 'up'}]},
      {
        name: 'slow',
        servers: [{address: '127.0.0.1', port: 4002, state: 'draining'}],
        settings: {responseMillis: 120_000},
      },
    ],
  },
  settings: {
    listen,
    header: 'Yard-Service',
    checkMillis: 10_001,
    statistics: {address: '127.0.0.1', port: 7071},
    services: [
      {
        name: 'closed',
        healthPath: '/readyz',
        servers: [],
        maintenance: 'Back at 17:00, after the move (half an hour).',
      },
      {
        name: 'particular',
        healthPath: '/readyz',
        servers: [{address: '127.0.0.1', port: 4001, state: 'up'}],
        settings: {
          responseMillis: 120_000,
          connectMillis: 250,
          queueMillis: 1_500,
          maxConnections: 20,
          slowStartMillis: 30_000,
          retries: 0,
        },
      },
    ],
  },
  'edge-plain': {
    ...twoServices,
    edge: {http: {address: '10.0.0.7', port: 80}, redirectsToHttps: true, routes: [], maxBodyBytes: 0},
  },
  'edge-odd-ports': {
    ...twoServices,
    edge: {...edge, http: {address: '0.0.0.0', port: 8000}, https: {address: '0.0.0.0', port: 8443}},
  },
}

describe('the HAProxy templates', () => {
  test.each(Object.entries(models))('render %s as in its golden files', (name, model) => {
    const rendered = renderHaproxy(model, settings)

    expectGolden(name, rendered)
    expect(unfaithfulness(rendered, model, settings)).toBeUndefined()
  })

  test.each(['2.4.22', '2.6.12', '3.0.5'])('render an edge for HAProxy %s as in its golden files', (version) => {
    const given = {...settings, version, certificates: ['/var/lib/yard/certificates/a.pem', '/x/b-1.pem']}
    const model = {...twoServices, edge}
    const rendered = renderHaproxy(model, given)

    expectGolden(`edge-${version.split('.').slice(0, 2).join('.')}`, rendered)
    expect(unfaithfulness(rendered, model, given)).toBeUndefined()
  })

  test('H1 give the same bytes for the same model, in whatever order its parts come', () => {
    fc.assert(
      fc.property(validModels, fc.integer(), (model, seed) => {
        const [first, second] = [model, shuffled(model, seed)].map((wanted) =>
          renderHaproxy(usableModel(wanted).model, settings),
        )

        expect(second).toEqual(first)
      }),
      {numRuns: 100},
    )
  })

  test('H1 give one text for a hundred orders of a hundred services', () => {
    const services = Array.from({length: 100}, (_, index) => ({
      ...{name: `service-${index}`, healthPath: '/readyz'},
      servers: [1, 2, 3].map((port) => ({address: '10.0.0.1', port: 4_000 + port, state: 'up' as const})),
    }))
    const routes = services.map(({name}) => ({host: `${name}.example.org`, path: '/', service: name}))
    const model = {listen, header: 'Yard-Service', services, edge: {...edge, routes}}
    const texts = Array.from({length: 100}, (_, seed) =>
      JSON.stringify(renderHaproxy(usableModel(shuffled(model, seed)).model, settings).files),
    )

    expect(new Set(texts).size).toBe(1)
  })

  test('give what they give at first after any history of other models', () => {
    fc.assert(
      fc.property(fc.array(validModels, {minLength: 1, maxLength: 8}), (history) => {
        const usable = history.map((wanted) => usableModel(wanted).model)
        const remembered = [...usable, ...usable].map((model) => renderHaproxy(model, settings))

        for (const [index, model] of usable.entries()) {
          forget()
          expect(remembered[index + usable.length]).toEqual(renderHaproxy(model, settings))
          expect(remembered[index]).toEqual(renderHaproxy(model, settings))
        }
      }),
      {numRuns: 50},
    )
  })

  test('keep their generation when servers or entries of maps change and change it when anything else does', () => {
    const model: RoutingModel = {...twoServices, edge}
    const [billing, history] = model.services
    const generation = renderHaproxy(model, settings).generation
    const other = (change: Partial<RoutingModel>) => renderHaproxy({...model, ...change}, settings).generation
    const withBilling = (change: object) => other({services: [{...billing!, ...change}, history!]})

    expect(withBilling({servers: []})).toBe(generation)
    expect(withBilling({maintenance: 'Closed'})).toBe(generation)
    expect(other({edge: {...edge, routes: []}})).toBe(generation)
    expect(other({services: [billing!]})).not.toBe(generation)
    expect(withBilling({healthPath: '/up'})).not.toBe(generation)
    for (const setting of ['responseMillis', 'connectMillis', 'queueMillis', 'maxConnections', 'slowStartMillis'])
      expect(withBilling({settings: {[setting]: 17}})).not.toBe(generation)
    expect(withBilling({settings: {retries: 0}})).not.toBe(generation)
    expect(other({checkMillis: 5_000})).not.toBe(generation)
    expect(other({header: 'Other-Service'})).not.toBe(generation)
    expect(other({listen: {address: '10.0.0.7', port: 8081}})).not.toBe(generation)
    expect(other({statistics: {address: '127.0.0.1', port: 8081}})).not.toBe(generation)
    expect(other({edge: {...edge, maxBodyBytes: 1}})).not.toBe(generation)
    const certificates = ['/x/a.pem']
    expect(renderHaproxy(model, {...settings, certificates}).generation).not.toBe(generation)
  })

  test('name the parts of a generation, so that a new plain service is seen as the only change', () => {
    const before = renderHaproxy(twoServices, settings).parts
    const services = [...twoServices.services, {name: 'wages', healthPath: '/readyz', servers: []}]
    const after = renderHaproxy({...twoServices, services}, settings).parts

    expect(after.frame).toBe(before.frame)
    expect([...after.services].slice(0, 2)).toEqual([...before.services])
    expect(after.services.has('wages')).toBe(true)
    expect([...after.plain]).toEqual(['billing', 'wages'])
  })
})

/** What two models don't need is remembered no more. */
function forget(): void {
  const none: RoutingModel = {listen, header: 'X', services: []}
  renderHaproxy(none, settings)
  renderHaproxy(none, settings)
}

function expectGolden(name: string, {files}: ReturnType<typeof renderHaproxy>): void {
  for (const {name: file, text} of files) expect(text).toBe(goldenText(`${name}/${file}`, text))
}

/** `UPDATE_GOLDEN=1` writes the files anew; read the difference before trusting it. */
function goldenText(file: string, rendered: string): string {
  const place = path.join(golden, file)
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    mkdirSync(path.dirname(place), {recursive: true})
    writeFileSync(place, rendered)
  }
  return readFileSync(place, 'utf8')
}
