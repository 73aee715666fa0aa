import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {EventStreamParser, type ServerEvent} from '../../../src/adapters/store-http/event-stream.js'

function parse(chunks: readonly Uint8Array[]): ServerEvent[] {
  const parser = new EventStreamParser()
  return chunks.flatMap((chunk) => parser.push(chunk))
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

test('an event has a name and its data; comments, ids and unknown fields are left out', () => {
  const stream = ': ping\n\nid: 7\nevent: changes\nretry: 1\ndata: {"a":1}\n\ndata:bare\n\nevent: empty\n\n'

  expect(parse([text(stream)])).toEqual([
    {name: 'changes', data: '{"a":1}'},
    {name: 'message', data: 'bare'},
  ])
})

test('an event that was cut off never appears', () => {
  expect(parse([text('event: changes\ndata: {"a":1}\n')])).toEqual([])
})

test('data of several lines comes as lines', () => {
  expect(parse([text('data: a\ndata:\ndata:  b\n\n')])).toEqual([{name: 'message', data: 'a\n\n b'}])
})

test('a stream reads the same however it is cut and whatever ends its lines', () => {
  const value = fc.string({unit: fc.constantFrom('a', ' ', ':', 'é', '\u{1f600}', '\u2028')})
  const events = fc.array(fc.record({name: fc.constantFrom('changes', 'closing'), data: value}), {
    maxLength: 5,
  })
  const property = fc.property(
    events,
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.array(fc.nat(200), {maxLength: 20}),
    (expected, end, cuts) => {
      const lines = expected.map(
        ({data, name}) => [`event: ${name}`, `data: ${data}`, '', ': ping', ''].join(end) + end,
      )
      const bytes = text(lines.join(''))
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ]
      const chunks = places.slice(1).map((place, index) => bytes.slice(places[index], place))
      expect(parse(chunks)).toEqual(expected)
    },
  )
  fc.assert(property, {numRuns: 300})
})
