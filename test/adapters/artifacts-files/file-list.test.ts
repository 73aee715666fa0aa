import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {FileArtifactStore} from '../../../src/adapters/artifacts-files/index.js'
import {failureOf} from '../../fakes/failure-of.js'

let base: string
let source: string
let store: FileArtifactStore

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'yfl-'))
  source = path.join(base, 'source')
  mkdirSync(source)
  store = new FileArtifactStore({
    artifacts: path.join(base, 'artifacts'),
    releases: path.join(base, 'releases'),
    builds: path.join(base, 'builds'),
  })
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

async function unpacked(release = 1): Promise<string> {
  return store.unpack((await store.pack(source)).digest, 'hello', release)
}

describe('the files of an unpacked release', () => {
  test('are told with their hashes, links, and directories that hold nothing, sorted by path', async () => {
    writeFileSync(path.join(source, 'b.js'), 'x')
    mkdirSync(path.join(source, 'bin'))
    writeFileSync(path.join(source, 'bin/run'), '#!/bin/sh\n')
    chmodSync(path.join(source, 'bin/run'), 0o755)
    symlinkSync('run', path.join(source, 'bin/latest'))
    mkdirSync(path.join(source, 'log/old'), {recursive: true})
    writeFileSync(path.join(source, 'ünï'), '')
    await unpacked()

    expect(await store.manifest('hello', 1)).toEqual([
      {kind: 'file', path: 'b.js', digest: sha256('x'), bytes: 1, executable: false},
      {kind: 'link', path: 'bin/latest', target: 'run'},
      {kind: 'file', path: 'bin/run', digest: sha256('#!/bin/sh\n'), bytes: 10, executable: true},
      {kind: 'directory', path: 'log/old'},
      {kind: 'file', path: 'ünï', digest: sha256(''), bytes: 0, executable: false},
    ])
  })

  test('are read once, again when another artifact is under the number, and go with the release', async () => {
    writeFileSync(path.join(source, 'a'), 'one')
    const directory = await unpacked()
    const kept = `${directory}.files.json`
    await store.manifest('hello', 1)
    writeFileSync(path.join(directory, 'a'), 'changed by hand')
    expect(await store.manifest('hello', 1)).toMatchObject([{digest: sha256('one')}])

    writeFileSync(path.join(source, 'a'), 'two')
    await unpacked()
    expect(await store.manifest('hello', 1)).toMatchObject([{digest: sha256('two')}])
    await store.removeRelease('hello', 1)
    expect(existsSync(kept)).toBe(false)
  })

  test.each(['', '{', '[]', '{"artifact":"x","files":[]}', '{"files":[{"kind":"file","path":"../x"}]}'])(
    'are read again when what was kept is not what it should be: %j',
    async (text) => {
      writeFileSync(path.join(source, 'a'), 'one')
      const directory = await unpacked()
      writeFileSync(`${directory}.files.json`, text)
      expect(await store.manifest('hello', 1)).toMatchObject([{path: 'a', digest: sha256('one')}])
      expect(JSON.parse(readFileSync(`${directory}.files.json`, 'utf8'))).toHaveProperty('files.0.path', 'a')
    },
  )

  test('are refused with the name of what hosts can not take', async () => {
    writeFileSync(path.join(source, 'release.json'), '{}')
    await unpacked()
    const failure = await failureOf(store.manifest('hello', 1))
    expect(failure).toMatchObject({code: 'E_ARTIFACT', details: {path: 'release.json'}})
    expect(await failureOf(store.manifest('hello', 2))).toMatchObject({code: 'E_ARTIFACT'})
  })
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
