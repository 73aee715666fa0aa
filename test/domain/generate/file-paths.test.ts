import {expect, test} from '@jest/globals'

import {pathCollision, pathProblem} from '../../../src/domain/generate/file-paths.js'

test.each([
  '../../.ssh/authorized_keys',
  '/abs',
  '.git/hooks/post-checkout',
  'src/.GIT/config',
  '~/.bashrc',
  'a\0b',
  'a\nb',
  'a'.repeat(300),
  'a//b',
  './a',
  'a/.',
  'c:/x',
  'a\\..\\b',
  'trailing./x',
  '',
])('refuses %j', (path) => {
  expect(pathProblem(path)).toBeDefined()
})

test.each(['.gitignore', '.github/workflows/ci.yml', 'src/a.test.ts', '.yard/template.json'])(
  'takes %s',
  (path) => {
    expect(pathProblem(path)).toBeUndefined()
  },
)

test('finds paths that differ by case only, twice the same, and a file where a directory is needed', () => {
  expect(pathCollision(['README.md', 'readme.md'])).toBeDefined()
  expect(pathCollision(['a', 'a'])).toEqual(['a', 'a'])
  expect(pathCollision(['a', 'a/b'])).toEqual(['a', 'a/b'])
  expect(pathCollision(['a/b', 'a/c', 'ab'])).toBeUndefined()
})
