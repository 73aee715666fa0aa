import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  directoriesOf,
  manifestFault,
  type ManifestFile,
  manifestFileSchema,
  objectName,
  objectsOf,
} from '../../src/domain/release-manifest.js'
import {staysInside} from '../../src/domain/release-path.js'
import {check} from '../../src/domain/schema.js'

const digest = 'a'.repeat(64)
const file = (path: string, changes = {}): ManifestFile => ({
  kind: 'file',
  path,
  digest,
  bytes: 1,
  executable: false,
  ...changes,
})
const link = (path: string, target: string): ManifestFile => ({kind: 'link', path, target})

describe('a file of a release', () => {
  test.each(['a', 'a/b', '...', '.a', 'a b', "it's", '$HOME', '-rf', 'ü', 'a'.repeat(1_000)])(
    'may be called %j',
    (path) => {
      expect(check(manifestFileSchema, file(path)).ok).toBe(true)
    },
  )

  test.each([
    '',
    '/',
    '/a',
    '.',
    '..',
    './a',
    'a/.',
    'a/..',
    '../a',
    'a/../b',
    'a//b',
    'a/',
    'a\nb',
    'a\u0000b',
    'a\u001bb',
    'a\u009bb',
    'a\\b',
    'a'.repeat(1_001),
  ])('may not be called %j', (path) => {
    expect(check(manifestFileSchema, file(path)).ok).toBe(false)
  })

  test('has a name for its content that tells an executable from another file', () => {
    expect(objectName({digest, executable: false})).toBe(digest)
    expect(objectName({digest, executable: true})).toBe(`${digest}.x`)
    const files = [
      file('a'),
      file('b'),
      file('run', {executable: true}),
      file('empty', {bytes: 0}),
      link('l', 'a'),
    ]
    expect([...objectsOf(files).keys()]).toEqual([digest, `${digest}.x`])
  })
})

describe('the files of a release', () => {
  test('are fine as they are built', () => {
    const files = [
      file('a'),
      file('b/c'),
      link('b/d', '../a'),
      link('b/e', 'c'),
      {kind: 'directory', path: 'log'} as const,
    ]
    expect(manifestFault(files)).toBeUndefined()
    expect(directoriesOf(files)).toEqual(['b', 'log'])
    expect(directoriesOf([file('x/y/z/end')])).toEqual(['x', 'x/y', 'x/y/z'])
  })

  test.each([
    [[file('a'), file('a')], 'is there twice'],
    [[file('a'), file('A')], 'differs from a only by case'],
    [[file('release.json')], 'has the name of the file that yard adds to each release'],
    [[file('a'), file('a/b')], 'is below a, which is no directory that holds something'],
    [[link('a', 'b'), file('a/b/c')], 'is below a, which is no directory that holds something'],
    [[link('a', '..')], 'is a link to a place outside of the release'],
    [[link('a', '/etc')], 'is a link to a place outside of the release'],
    [[link('b/a', '../../x')], 'is a link to a place outside of the release'],
  ] as [ManifestFile[], string][])('may not be %j', (files, why) => {
    expect(manifestFault(files)?.why).toBe(why)
  })
})

test('a path stays inside exactly when no prefix of it is above the top', () => {
  const parts = fc.array(fc.constantFrom('..', 'a', '.', ''), {maxLength: 12})
  fc.assert(
    fc.property(parts, fc.array(fc.constant('d'), {maxLength: 4}), (steps, from) => {
      let depth = from.length
      let isInside = true
      for (const step of steps) {
        if (step === '..') depth -= 1
        if (step === 'a') depth += 1
        if (depth < 0) isInside = false
      }
      const target = steps.join('/')
      fc.pre(!target.startsWith('/'))
      expect(staysInside(target, from.join('/'))).toBe(isInside)
    }),
  )
})
