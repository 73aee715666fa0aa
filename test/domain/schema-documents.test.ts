import {describe, expect, test} from '@jest/globals'
import * as v from 'valibot'

import {deployEventSchema} from '../../src/domain/deploy-event.js'
import {platformFileSchema} from '../../src/domain/platform-file-schema.js'
import {serviceFileSchema} from '../../src/domain/service-file-schema.js'

interface Node {
  schema: v.GenericSchema
  place: string
  /** A key of a group; else an item, a choice or a value. */
  isKey: boolean
}

/** A schema and all that it's made of. */
function* nodesOf(node: Node): Generator<Node> {
  yield node
  const {place, schema} = node
  const parts = schema as {
    entries?: Record<string, v.GenericSchema>
    wrapped?: v.GenericSchema
    item?: v.GenericSchema
    value?: v.GenericSchema
    options?: unknown[]
    pipe?: {kind: string; type: string}[]
  }
  for (const [key, entry] of Object.entries(parts.entries ?? {}))
    yield* nodesOf({schema: entry, place: place === '' ? key : `${place}.${key}`, isKey: true})
  const within = [parts.wrapped, parts.item, parts.value, ...(parts.options ?? []).filter(isSchema)]
  for (const schema of within.filter((each) => each !== undefined))
    yield* nodesOf({schema, place, isKey: false})
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema'
}

function metadataOf(schema: v.GenericSchema): {description?: unknown; examples?: unknown[]} {
  const {pipe = [], wrapped} = schema as {
    pipe?: {type: string; metadata?: object}[]
    wrapped?: v.GenericSchema
  }
  const own = pipe.flatMap(({metadata, type}) =>
    type === 'metadata' && metadata !== undefined ? [metadata] : [],
  )
  return own.length === 0 && wrapped !== undefined
    ? metadataOf(wrapped)
    : (Object.assign({}, ...own) as object)
}

describe.each([
  ['service.yaml', serviceFileSchema],
  ['yard.yaml', platformFileSchema],
] as const)('what an editor is told of %s', (_, whole) => {
  const nodes = [...nodesOf({schema: whole, place: '', isKey: false})]

  test('has words for every key', () => {
    const silent = nodes.filter(({isKey, schema}) => isKey && metadataOf(schema).description === undefined)
    expect(silent.map(({place}) => place)).toEqual([])
    expect(nodes.filter(({isKey}) => isKey).length).toBeGreaterThan(40)
  })

  test('has examples that are valid', () => {
    const wrong = nodes.flatMap(({place, schema}) =>
      (metadataOf(schema).examples ?? [])
        .filter((example) => !v.safeParse(schema, example).success)
        .map((example) => `${place}: ${JSON.stringify(example)}`),
    )
    expect(wrong).toEqual([])
    expect(nodes.filter(({schema}) => metadataOf(schema).examples !== undefined).length).toBeGreaterThan(2)
  })
})

test('the examples of what hooks and webhooks are told are valid', () => {
  const nodes = [...nodesOf({schema: deployEventSchema, place: '', isKey: false})]
  const examples = nodes.flatMap(({schema}) =>
    (metadataOf(schema).examples ?? []).map((example) => v.safeParse(schema, example).success),
  )
  expect(examples.length).toBeGreaterThan(5)
  expect(examples).not.toContain(false)
})
