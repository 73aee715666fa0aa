import {expect, test} from '@jest/globals'

import {callGraph} from '../../src/domain/call-graph.js'
import {graphView} from '../../src/terminal/graph-view.js'

test('circles, repetitions and what is not declared are marked', () => {
  const graph = callGraph(
    [
      {name: 'a', calls: ['b']},
      {name: 'b', calls: ['c']},
      {name: 'c', calls: ['b']},
    ],
    [
      {consumer: 'a', service: 'b'},
      {consumer: 'a', service: 'c'},
      {consumer: 'b', service: 'c'},
      {consumer: 'c', service: 'b'},
    ],
  )

  expect(graphView(graph)).toBe(
    [
      'a',
      '├─ b',
      '│  └─ c',
      '│     └─ b (↺ calls itself through others)',
      '└─ c (not declared) (see above)',
      '',
      'not declared: allowed, but not in calls: of its service.yaml',
    ].join('\n'),
  )
})

test('text of others can do nothing to the terminal', () => {
  expect(graphView(callGraph([{name: 'a\u001b[2J'}], []))).toBe('a\\x1b[2J')
})

test('an empty catalog says what to do', () => {
  expect(graphView(callGraph([], []))).toContain('yard generate service hello')
})
