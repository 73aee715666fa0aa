import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {effectiveConfig, releaseConfig} from '../../src/domain/config-merge.js'
import {type ConfigContent, type ConfigValue} from '../../src/domain/config-value.js'
import {variableNameProblem} from '../../src/domain/variable-names.js'
import {fakeSealed} from '../fakes/secret-box.js'

function value(name: string, text: string, changes: Partial<ConfigValue> = {}): ConfigValue {
  const content: ConfigContent = {kind: 'plain', value: text}
  return {
    v: 1,
    name,
    environment: 'local',
    content,
    setBy: 'ada',
    setAt: '2026-11-20T12:00:00.000Z',
    ...changes,
  }
}

test('the own value wins over service.yaml, and that over what is shared', () => {
  const merged = effectiveConfig({
    shared: [value('A', 'shared'), value('B', 'shared'), value('C', 'shared')],
    file: {B: 'file', C: 'file', D: 'file'},
    service: [value('C', 'own', {service: 'billing'})],
  })

  expect(merged.map(({content, hides, name, source}) => [name, content, source, hides])).toEqual([
    ['A', {kind: 'plain', value: 'shared'}, 'shared', []],
    ['B', {kind: 'plain', value: 'file'}, 'service.yaml', ['shared']],
    ['C', {kind: 'plain', value: 'own'}, 'service', ['service.yaml', 'shared']],
    ['D', {kind: 'plain', value: 'file'}, 'service.yaml', []],
  ])
  expect(merged[1]).not.toHaveProperty('setBy')
  expect(merged[2]).toMatchObject({setBy: 'ada'})
})

test('a release keeps plain values apart from what is opened later', () => {
  const merged = effectiveConfig({
    shared: [
      value('KEY', '', {content: {kind: 'sealed', sealed: fakeSealed('x')}}),
      value('LEVEL', '', {content: {kind: 'sealed', sealed: fakeSealed('x')}}),
    ],
    file: {LEVEL: 'debug'},
    service: [value('REF', '', {content: {kind: 'reference', reference: 'secret://op/a/b/c'}})],
  })

  expect(releaseConfig(merged)).toEqual({
    variables: {LEVEL: 'debug'},
    secrets: {
      KEY: {kind: 'sealed', sealed: fakeSealed('x')},
      REF: {kind: 'reference', reference: 'secret://op/a/b/c'},
    },
  })
})

test('nobody gives what yard gives itself', () => {
  const hostile = ['PORT', 'HOST', 'YARD_SERVICE', 'constructor', '__proto__']
  const merged = effectiveConfig({
    shared: hostile.map((name) => value(name, 'x')),
    file: {},
    service: hostile.map((name) => value(name, 'y', {service: 'billing'})),
  })

  expect(merged).toEqual([])
})

test('of any three layers each name has the value of the strongest that has it', () => {
  const name = fc.constantFrom('A', 'B', 'C', 'D', 'toString', 'PORT')
  const layer = fc.dictionary(name, fc.string())
  fc.assert(
    fc.property(layer, layer, layer, (shared, file, service) => {
      const listed = (values: Record<string, string>) =>
        Object.entries(values).map(([key, text]) => value(key, text))
      const merged = effectiveConfig({shared: listed(shared), file, service: listed(service)})
      const expected = Object.entries({...shared, ...file, ...service}).filter(
        ([key]) => !variableNameProblem(key),
      )

      expect(releaseConfig(merged).variables).toEqual(Object.fromEntries(expected))
      expect(merged.map((each) => each.name)).toEqual(expected.map(([key]) => key).sort())
    }),
  )
})
