import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {gunzipSync} from 'node:zlib'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {ReleasePackings} from '../../../src/adapters/instance-host-ssh/release-packings.js'
import {type ManifestFile} from '../../../src/domain/release-manifest.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aManifest, digestOf} from './release-world.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ypk-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

const contents = async () => directory

function write(name: string, content: string | Buffer): Extract<ManifestFile, {kind: 'file'}> {
  writeFileSync(path.join(directory, name), content)
  return {kind: 'file', path: name, digest: digestOf(content), bytes: content.length, executable: false}
}

describe('what hosts lack', () => {
  test('is packed once for all that lack the same', async () => {
    const release = aManifest(1, {files: [write('a', 'one'), write('b', 'two')]})
    const packings = new ReleasePackings()
    const all = {release, missing: [digestOf('one'), digestOf('two')], contents}

    const [first, second] = await Promise.all([packings.pack(all), packings.pack(all)])
    const other = await packings.pack({...all, missing: [digestOf('one')]})

    expect(second.input).toBe(first.input)
    expect(second.work).toBe(first.work)
    expect(other.work).not.toBe(first.work)
    expect(first.bytesSent()).toBe((first.input as Buffer).length)
    const text = gunzipSync(other.input as Buffer).toString('latin1')
    expect([text.includes('one'), text.includes('two')]).toEqual([true, false])
  })

  test('is packed again after a fault', async () => {
    const release = aManifest(1, {files: [write('a', 'one')]})
    const packings = new ReleasePackings()
    const request = {release, missing: [digestOf('one')], contents}
    writeFileSync(path.join(directory, 'a'), 'longer')
    expect(await failureOf(packings.pack(request))).toMatchObject({code: 'E_ARTIFACT'})

    writeFileSync(path.join(directory, 'a'), 'one')
    expect((await packings.pack(request)).bytesSent()).toBeGreaterThan(100)
  })

  test('goes out as it is read, when it is too much to hold; a fault in it ends the sending', async () => {
    const large = Buffer.alloc(65 * 1024 ** 2, 'x')
    const release = aManifest(1, {files: [write('large', large), write('z', 'last')]})
    const request = {release, missing: [digestOf(large), digestOf('last')], contents}
    const packing = await new ReleasePackings().pack(request)
    expect(Buffer.isBuffer(packing.input)).toBe(false)

    const chunks: Uint8Array[] = []
    for await (const chunk of packing.input as AsyncIterable<Uint8Array>) chunks.push(chunk)
    const packed = Buffer.concat(chunks)
    expect(packing.bytesSent()).toBe(packed.length)
    const text = gunzipSync(packed)
    expect(text.length).toBeGreaterThan(large.length)
    expect(text.includes('last')).toBe(true)

    writeFileSync(path.join(directory, 'z'), 'other length')
    const broken = await new ReleasePackings().pack(request)
    const drain = async () => {
      for await (const chunk of broken.input as AsyncIterable<Uint8Array>)
        expect(chunk.length).toBeGreaterThan(0)
    }
    expect(await failureOf(drain())).toMatchObject({code: 'E_ARTIFACT', details: {path: 'z'}})
  })
})
