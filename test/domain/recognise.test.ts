import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseProcfile, procfileText} from '../../src/domain/procfile.js'
import {recogniseHealth, recogniseNeeds} from '../../src/domain/recognise-health.js'
import {recognise} from '../../src/domain/recognise.js'

function goBuild(files: Record<string, string>) {
  const names = [...new Set(Object.keys(files).map((file) => file.split('/')[0] ?? ''))]
  return recognise(['go.mod', ...names], new Map(Object.entries(files))).build
}

test('a Go program is built at the top, or where its only command is', () => {
  expect(goBuild({'main.go': ''})).toEqual(['go build -o bin/server .'])
  expect(goBuild({'cmd/billing/main.go': ''})).toEqual(['go build -o bin/server ./cmd/billing'])
  expect(goBuild({'cmd/billing/main.go': '', 'cmd/tool/main.go': ''})).toEqual(['go build -o bin/server .'])
  expect(goBuild({'main.go': '', 'cmd/billing/main.go': ''})).toEqual(['go build -o bin/server .'])
})

test('what is shipped, and what is a shell word, is no program that a host needs', () => {
  const lines = {
    web: './bin/server',
    worker: '  FOO=1 BAR=2 exec node w.js',
    clock: 'python3 c.py',
    other: 'if true; then x; fi',
  }
  expect(recogniseNeeds(lines)).toEqual(['node', 'python3'])
})

test('a path of health in a test, or in a comment without quotes, is none', () => {
  const texts = new Map([
    ['src/app.spec.ts', "get('/readyz')"],
    ['tests/app.py', "get('/readyz')"],
    ['README.md', "get('/readyz')"],
    ['src/app.ts', '// GET /readyz'],
  ])
  expect(recogniseHealth({web: 'node x'}, texts)).toBe('tcp')
  expect(recogniseHealth({web: 'node x'}, new Map([...texts, ['src/latest.ts', 'on(`/up`)']]))).toEqual({
    path: '/up',
    in: 'src/latest.ts',
  })
})

test('whatever a directory holds, what it is taken for can be written down or is nothing', () => {
  const names = fc.constantFrom(
    'package.json',
    'Procfile',
    'go.mod',
    'app.py',
    'main.py',
    'worker.py',
    'server.js',
  )
  const text = fc.oneof(
    fc.string({unit: 'binary'}),
    fc.json(),
    fc.constant('{"scripts": {"start": "a\\nb"}}'),
  )
  fc.assert(
    fc.property(fc.dictionary(names, text), (files) => {
      const {processes} = recognise(Object.keys(files), new Map(Object.entries(files)))
      const parsed = parseProcfile(procfileText(processes))
      if (Object.keys(processes).length > 0 && parsed.ok) expect(parsed.processes).toEqual(processes)
    }),
    {numRuns: 500},
  )
})
