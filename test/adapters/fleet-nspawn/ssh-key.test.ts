import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {expect, test} from '@jest/globals'
import ssh2 from 'ssh2'

import {makeSshKey} from '../../../src/adapters/fleet-nspawn/ssh-key.js'
import {sshdMissing} from '../../support/ssh/missing.js'

const missing = sshdMissing()
const withKeygen = missing === undefined ? test : test.skip

test('another implementation reads the private half and derives the public one', () => {
  for (let round = 0; round < 20; round++) {
    const {privateText, publicText} = makeSshKey('x'.repeat(round))
    const parsed = parse(privateText)
    expect([parsed.type, parsed.comment]).toEqual(['ssh-ed25519', 'x'.repeat(round)])
    expect(`ssh-ed25519 ${parsed.getPublicSSH().toString('base64')}`).toBe(publicText)
    const signature = parsed.sign(Buffer.from('text'))
    expect(parse(publicText).verify(Buffer.from('text'), signature)).toBe(true)
  }
})

withKeygen(
  `ssh-keygen takes it for one of its own${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'yard-ssh-key-'))
    try {
      const {privateText, publicText} = makeSshKey('a comment')
      const file = path.join(directory, 'id')
      writeFileSync(file, privateText, {mode: 0o600})
      const said = execFileSync('ssh-keygen', ['-y', '-f', file], {encoding: 'utf8'})
      expect(said.trim()).toBe(`${publicText} a comment`)
    } finally {
      rmSync(directory, {recursive: true, force: true})
    }
  },
)

/** As much of a parsed key as is looked at here. */
interface Parsed {
  type: string
  comment: string
  getPublicSSH(): Buffer
  sign(text: Buffer): Buffer
  verify(text: Buffer, signature: Buffer): boolean
}

function parse(text: string): Parsed {
  const parsed = ssh2.utils.parseKey(text) as unknown
  if (parsed instanceof Error) throw parsed
  return (Array.isArray(parsed) ? parsed[0] : parsed) as Parsed
}
