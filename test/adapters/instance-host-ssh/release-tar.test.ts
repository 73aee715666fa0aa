import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {list, type ReadEntry} from 'tar'

import {
  tarEnd,
  type TarEntry,
  tarHeader,
  tarPadding,
} from '../../../src/adapters/instance-host-ssh/release-tar.js'

const modifiedAt = new Date('2026-11-21T12:00:00.000Z')

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ytar-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

/** Parts of up to 255 bytes, of any characters but those that no path of a release has. */
const part = fc
  .string({minLength: 1, maxLength: 60, unit: 'grapheme'})
  .map((text) => text.replace(/[\u0000-\u001f\u007f-\u009f\\/]/g, '-'))
  .filter((text) => text !== '.' && text !== '..' && Buffer.byteLength(text) <= 255)
const relative = fc.array(part, {minLength: 1, maxLength: 12}).map((parts) => parts.join('/'))

describe('a tar stream', () => {
  test('is read by others as what was written, whatever the paths', async () => {
    await fc.assert(
      fc.asyncProperty(relative, relative, fc.integer({min: 1, max: 2_000}), async (place, target, bytes) => {
        const entries: TarEntry[] = [
          {kind: 'directory', path: 'top', mode: 0o755, modifiedAt},
          {kind: 'file', path: `top/${place}`, bytes, mode: 0o444, modifiedAt},
          {kind: 'hard-link', path: `hard/${place}`, target: `top/${place}`, mode: 0o555, modifiedAt},
          {kind: 'link', path: `soft/${place}`, target, mode: 0o777, modifiedAt},
        ]
        const read = await readBack(streamOf(entries))
        expect(read).toEqual([
          {type: 'Directory', path: 'top', mode: 0o755, size: 0, linkpath: ''},
          {type: 'File', path: `top/${place}`, mode: 0o444, size: bytes, linkpath: ''},
          {type: 'Link', path: `hard/${place}`, mode: 0o555, size: 0, linkpath: `top/${place}`},
          {type: 'SymbolicLink', path: `soft/${place}`, mode: 0o777, size: 0, linkpath: target},
        ])
      }),
      {numRuns: 300},
    )
  })

  test.each([99, 100, 101, 155, 156, 254, 255, 256, 257, 990])(
    'is unpacked by tar with a path of %d bytes, in one part or many',
    (length) => {
      const places = ['é/'.repeat(length), `${'d'.repeat(49)}/`.repeat(length)].map(
        (text) =>
          Buffer.from(text)
            .subarray(0, length - 1)
            .toString()
            .replace(/\ufffd|\/$/g, 'x') + 'e',
      )
      for (const place of places) {
        const made = {kind: 'file', path: place, bytes: 5, mode: 0o644, modifiedAt} as const
        const input = streamOf([
          made,
          {kind: 'hard-link', path: 'hard', target: place, mode: 0o644, modifiedAt},
        ])
        execFileSync('tar', ['-xf', '-', '-C', directory], {input})
        expect(readFileSync(path.join(directory, place), 'utf8')).toBe('.....')
        expect(readFileSync(path.join(directory, 'hard'), 'utf8')).toBe('.....')
      }
    },
  )
})

function streamOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap((entry) => [
      tarHeader(entry),
      Buffer.alloc(entry.bytes ?? 0, '.'),
      tarPadding(entry.bytes ?? 0),
    ]),
    tarEnd(),
  ])
}

async function readBack(stream: Buffer): Promise<unknown[]> {
  const found: unknown[] = []
  const parser = list({
    strict: true,
    onReadEntry: ({linkpath = '', mode, path: place, size, type}: ReadEntry) =>
      found.push({type, path: place, mode, size, linkpath}),
  })
  const ended = new Promise((resolve, reject) => {
    parser.on('end', resolve)
    parser.on('error', reject)
  })
  parser.end(stream)
  await ended
  return found
}
