import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {describe, expect, test} from '@jest/globals'

import {unfaithfulness} from '../../src/domain/haproxy/faithful.js'
import {type RoutingModel} from '../../src/domain/routing.js'
import {renderHaproxy} from '../../src/templates/haproxy.js'

const golden = path.join(import.meta.dirname, '../golden/haproxy')

const models: Record<string, RoutingModel> = {
  'no-service': {listen: {address: '127.0.0.1', port: 7070}, header: 'Yard-Service', services: []},
  'two-services': {
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
  },
  weights: {
    listen: {address: '127.0.0.1', port: 7070},
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
}

describe('the HAProxy templates', () => {
  test.each(Object.entries(models))('render %s as in its golden files', (name, model) => {
    const rendered = renderHaproxy(model, {adminSocket: '/run/yard/haproxy.sock'})

    expect(rendered.config).toBe(goldenText(`${name}.cfg`, rendered.config))
    expect(rendered.map).toBe(goldenText(`${name}.map`, rendered.map))
    expect(unfaithfulness(rendered, model)).toBeUndefined()
  })

  test('give the same bytes for the same model', () => {
    const [first, second] = [1, 2].map(() => renderHaproxy(models['two-services']!, {adminSocket: '/run/h.sock'}))

    expect(first).toEqual(second)
  })

  test('keep their generation when servers change and change it when anything else does', () => {
    const settings = {adminSocket: '/run/h.sock'}
    const model = models['two-services']!
    const [billing, history] = model.services
    const generation = renderHaproxy(model, settings).generation
    const other = (change: Partial<RoutingModel>) => renderHaproxy({...model, ...change}, settings).generation

    expect(other({services: [{...billing!, servers: []}, history!]})).toBe(generation)
    expect(other({services: [billing!]})).not.toBe(generation)
    expect(other({services: [{...billing!, healthPath: '/up'}, history!]})).not.toBe(generation)
    expect(other({header: 'Other-Service'})).not.toBe(generation)
    expect(other({listen: {address: '10.0.0.7', port: 8081}})).not.toBe(generation)
  })
})

/** `UPDATE_GOLDEN=1` writes the files anew; read the difference before trusting it. */
function goldenText(file: string, rendered: string): string {
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    mkdirSync(golden, {recursive: true})
    writeFileSync(path.join(golden, file), rendered)
  }
  return readFileSync(path.join(golden, file), 'utf8')
}
