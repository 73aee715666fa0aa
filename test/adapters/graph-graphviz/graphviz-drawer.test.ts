import {describe, expect, test} from '@jest/globals'
import {instance} from '@viz-js/viz'
import fc from 'fast-check'

import {GraphvizDrawer} from '../../../src/adapters/graph-graphviz/index.js'
import {callGraph} from '../../../src/domain/call-graph.js'
import {callGraphDot} from '../../../src/domain/call-graph-dot.js'
import {hostileStrings} from '../../domain/haproxy/models.js'

interface Parsed {
  objects?: {name: string}[]
  edges?: {tail: number; head: number}[]
}

/** What Graphviz understands of a text: names of nodes, and the pairs that its edges join. */
async function parsed(dot: string): Promise<{nodes: string[]; edges: string[]}> {
  const drawn = (await instance()).render(dot, {format: 'dot_json', engine: 'nop'})
  if (drawn.status !== 'success') throw new Error(drawn.errors.map(({message}) => message).join('\n'))
  const {edges = [], objects = []} = JSON.parse(drawn.output) as Parsed
  const names = objects.map(({name}) => decoded(name))
  return {nodes: names, edges: edges.map(({head, tail}) => `${names[tail] ?? ''} ${names[head] ?? ''}`)}
}

/** The other way round of how a node's id is written. */
function decoded(id: string): string {
  return id.replace(/=([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const anyName = fc.oneof(
  fc.string({unit: 'binary', minLength: 1}),
  fc.string({minLength: 1}),
  fc.constantFrom(...hostileStrings),
)

describe('the graph in the DOT language', () => {
  test('read back by Graphviz has the same services and calls, whatever they are called', async () => {
    const pair = fc.record({consumer: anyName, service: anyName})
    await fc.assert(
      fc.asyncProperty(fc.array(pair, {minLength: 1, maxLength: 6}), async (consumers) => {
        const graph = callGraph([], consumers)
        const {edges, nodes} = await parsed(callGraphDot(graph))
        expect(nodes.sort()).toEqual(graph.services.map(({name}) => name).sort())
        expect(edges.sort()).toEqual(graph.calls.map(({from, to}) => `${from} ${to}`).sort())
      }),
      {numRuns: 60},
    )
  })
})

describe('the picture', () => {
  test('names every service, and marks what is not allowed', async () => {
    const graph = callGraph(
      [
        {name: 'shop', calls: ['billing']},
        {name: 'billing', calls: ['order-history']},
        {name: 'order-history'},
      ],
      [{consumer: 'shop', service: 'billing'}],
    )
    const svg = await new GraphvizDrawer().svg(callGraphDot(graph))

    expect(svg).toContain('<svg')
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['shop', 'billing', 'order-history']))
    expect(svg.match(/stroke="#c2261d"[^>]* stroke-dasharray/g)).toHaveLength(1)
    expect(svg).toContain('calls it without being its consumer')
  })

  test('shows hostile names as text, and holds no markup of theirs', async () => {
    const names = [
      '<script>alert(1)</script>',
      '&lt;b&gt;',
      'a\\nb',
      'a\\Nb',
      '"]; evil [label="x',
      'a\u202eb',
    ]
    const graph = callGraph(
      names.map((name) => ({name})),
      [],
    )
    const svg = await new GraphvizDrawer().svg(callGraphDot(graph))

    expect(svg).not.toContain('<script')
    expect(textsOf(svg).sort()).toEqual(
      ['<script>alert(1)</script>', '&lt;b&gt;', 'a\\nb', 'a\\Nb', '"]; evil [label="x', 'a\\u202eb'].sort(),
    )
  })

  test('is drawn of any services and calls', async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,19}(-[a-z0-9]{1,19})?$/)
    const services = fc.array(fc.record({name, calls: fc.array(name, {maxLength: 4})}), {maxLength: 12})
    const consumers = fc.array(fc.record({consumer: name, service: name}), {maxLength: 12})
    await fc.assert(
      fc.asyncProperty(services, consumers, async (declared, allowed) => {
        const graph = callGraph(declared, allowed)
        const names = graph.services.map((service) => service.name)
        expect(textsOf(await new GraphvizDrawer().svg(callGraphDot(graph)))).toEqual(
          expect.arrayContaining(names),
        )
      }),
      {numRuns: 40},
    )
  })

  test('of what is not DOT is refused', async () => {
    await expect(new GraphvizDrawer().svg('digraph {')).rejects.toMatchObject({code: 'E_USAGE'})
  })
})

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => unescaped(text))
}

function unescaped(text: string): string {
  const entities: Record<string, string> = {
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    '#45': '-',
    '#39': "'",
    '#160': '\u00a0',
  }
  return text.replace(/&([a-z]+|#\d+);/g, (whole, name: string) => entities[name] ?? whole)
}
