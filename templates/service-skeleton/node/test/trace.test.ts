import assert from 'node:assert/strict'
import {test} from 'node:test'

import {continueTrace} from '../src/trace.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parent = 'b7ad6b7169203331'

test('continues a trace with a span of its own', () => {
  const {header} = continueTrace(`00-${traceId}-${parent}-00`)

  assert.match(header, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
  assert.ok(!header.includes(parent))
})

test('begins a new trace where the header is missing or wrong', () => {
  const wrong = [undefined, '', 'x', `ff-${traceId}-${parent}-01`, `00-${traceId}-${'0'.repeat(16)}-01`]

  for (const header of wrong) assert.notEqual(continueTrace(header).traceId, traceId)
})
