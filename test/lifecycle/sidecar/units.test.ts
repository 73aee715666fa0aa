import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {sidecarUnits, type SidecarUnitsRequest, unitWord} from '../../../src/lifecycle/sidecar/units.js'

const request: SidecarUnitsRequest = {
  environment: 'staging',
  host: 'web-1',
  catalogUrl: 'etcd://10.0.0.1:2379,10.0.0.2:2379/team',
}
const unitOf = (name: string, changes: Partial<SidecarUnitsRequest> = {}) =>
  sidecarUnits({...request, ...changes}).find((unit) => unit.name === name)?.text ?? ''

describe('units', () => {
  test('three of them: HAProxy, what starts it once it has a configuration, the sidecar', () => {
    expect(sidecarUnits(request).map(({name}) => name)).toEqual([
      'yard-haproxy.service',
      'yard-haproxy.path',
      'yard-sidecar.service',
    ])
    expect(unitOf('yard-haproxy.service')).toContain(
      'ExecStart=/usr/sbin/haproxy -Ws -S /run/yard/haproxy-master.sock,mode,600 -C /var/lib/yard/haproxy -f haproxy.cfg\n',
    )
    expect(unitOf('yard-sidecar.service')).toContain(
      'ExecStart=/usr/bin/node /usr/lib/yard/sidecar.mjs --env staging --host web-1 --catalog etcd://10.0.0.1:2379,10.0.0.2:2379/team --directory /var/lib/yard --runtime-directory /run/yard --systemd\n',
    )
  })

  test('a token is handed over by systemd, and only where there is one', () => {
    expect(unitOf('yard-sidecar.service')).not.toContain('LoadCredential')
    const text = unitOf('yard-sidecar.service', {tokenFile: '/etc/yard/token'})
    expect(text).toContain('\nLoadCredential=yard-token:/etc/yard/token\nMemoryMax=')
  })

  test('nothing that is given can add a directive or a word: it is refused, or stays one word', () => {
    const hostile = ['1\nExecStartPre=/bin/touch /x', 'a\rb', 'ü', '\0', '', 'a\tb']
    for (const value of hostile) {
      for (const field of ['environment', 'host', 'catalogUrl'] as const)
        expect(() => sidecarUnits({...request, [field]: value})).toThrow(
          expect.objectContaining({code: 'E_USAGE'}),
        )
      for (const field of ['node', 'program', 'haproxy', 'environmentFile', 'tokenFile', 'user'] as const)
        expect(() => sidecarUnits({...request, [field]: value})).toThrow(
          expect.objectContaining({code: 'E_USAGE'}),
        )
    }
    for (const value of ['/a b', 'relative', '/../x', '/%h', '/$HOME', '/a;b', '/a"b'])
      expect(() => sidecarUnits({...request, haproxy: value})).toThrow(
        expect.objectContaining({code: 'E_USAGE'}),
      )
    for (const user of ['root; x', 'a b', '0', '-x'])
      expect(() => sidecarUnits({...request, user})).toThrow(expect.objectContaining({code: 'E_USAGE'}))
  })

  test('words with marks of systemd are quoted so that it gives them back unchanged', () => {
    expect(unitWord('50%')).toBe('"50%%"')
    expect(unitWord('$HOME')).toBe('"$$HOME"')
    expect(unitWord('a"b\\c')).toBe('"a\\"b\\\\c"')
    expect(unitWord('a; b')).toBe('"a; b"')
    fc.assert(
      fc.property(fc.string({minLength: 1, unit: 'grapheme-ascii'}), (value) => {
        expect(readBack(unitWord(value))).toBe(value)
      }),
    )
  })
})

const verifier = findVerifier()
const verified = verifier ? test : test.skip
verified(`systemd accepts them without a word${verifier ? '' : ': systemd-analyze is not here'}`, () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'yard-units-'))
  try {
    const places = {user: 'root', program: '/etc/hostname', node: process.execPath, haproxy: '/bin/true'}
    const units = sidecarUnits({
      ...request,
      ...places,
      tokenFile: '/etc/yard/token',
      catalogUrl: 'etcd://a:1/50%$X',
    })
    for (const {name, text} of units) writeFileSync(path.join(directory, name), text)
    const files = units.map(({name}) => path.join(directory, name))
    const said = execFileSync('systemd-analyze', ['verify', ...files], {stdio: 'pipe', encoding: 'utf8'})
    expect(said).toBe('')
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
})

/** What systemd makes of one word of a command line. */
function readBack(word: string): string {
  const inner = word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word
  return inner.replaceAll('%%', '%').replaceAll('$$', '$')
}

function findVerifier(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}
