import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {compileGlob} from '../../../../src/adapters/files-local/globs.js'
import {type ManifestFile} from '../../../../src/domain/release-manifest.js'
import {filesBelow} from '../../../../src/lifecycle/deploy/steps/files-below.js'

const file = (path: string): ManifestFile => ({
  ...{kind: 'file', path, digest: 'a'.repeat(64), bytes: 1, executable: false},
})
const link = (path: string): ManifestFile => ({kind: 'link', path, target: 'x'})
const pathsBelow = (files: ManifestFile[], ...globs: string[]) =>
  filesBelow(files, globs).map(({path}) => path)

describe('the files that smoke tests may be in', () => {
  const files = ['Procfile', 'node_modules/a/b.hurl', 'smoke/a.hurl', 'smoke/deep/b.hurl', 'smoke/notes'].map(
    file,
  )

  test.each([
    [['smoke/**/*.hurl'], ['smoke/a.hurl', 'smoke/deep/b.hurl']],
    [['./smoke/a.hurl'], ['smoke/a.hurl']],
    [['*.hurl'], ['node_modules/a/b.hurl', 'smoke/a.hurl', 'smoke/deep/b.hurl']],
    [['smoke/{a,deep/b}.hurl'], ['smoke/a.hurl', 'smoke/deep/b.hurl']],
    [['smoke/a.{hurl,txt}'], ['smoke/a.hurl', 'smoke/deep/b.hurl', 'smoke/notes']],
    [['tests/*'], []],
    [[], []],
  ])('%j are among %j', (globs, wanted) => {
    expect(pathsBelow(files, ...globs)).toEqual(wanted)
  })

  test('are all there are, where a link among them leads elsewhere', () => {
    const all = files.map(({path}) => path)
    expect(pathsBelow([...files, link('smoke/c.hurl')], 'smoke/*.hurl')).toEqual([...all, 'smoke/c.hurl'])
    expect(pathsBelow([...files, link('tests')], 'tests/*.hurl')).toEqual([...all, 'tests'])
    expect(pathsBelow([...files, link('bin/x')], 'smoke/a.hurl')).toEqual(['smoke/a.hurl'])
  })

  test('hold every file that a glob matches', () => {
    const word = fc.stringMatching(/^[ab.!()[\]-]{1,3}$/)
    const paths = fc.array(word, {minLength: 1, maxLength: 4}).map((words) => words.join('/'))
    const part = fc.oneof(word, fc.constantFrom('*', '**', 'a*', '*b', '?', '{a,b}', '{a,b*}', 'a{,b}'))
    const globs = fc.array(part, {minLength: 1, maxLength: 4}).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.array(paths), globs, (places, glob) => {
        const matched = places.filter(compileGlob(glob))
        expect(pathsBelow(places.map(file), glob)).toEqual(expect.arrayContaining(matched))
      }),
      {numRuns: 5_000},
    )
  })
})
