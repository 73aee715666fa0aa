import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {type RouterHost} from '../../src/contracts/router-host.js'

const canMake = hasOpenssl()
const describeWithOpenssl = canMake ? describe : describe.skip
const skipReason = canMake ? '' : ' (skipped: openssl is not installed)'

/** What every `RouterHost` promises of certificates. */
export function routerHostCertificateContract(hostOf: () => RouterHost): void {
  describeWithOpenssl(`certificates of a directory${skipReason}`, () => {
    let directory: string

    beforeEach(() => {
      directory = mkdtempSync(path.join(os.tmpdir(), 'yard-certificates-'))
    })

    afterEach(() => {
      rmSync(directory, {recursive: true, force: true})
    })

    test('are copied to where HAProxy reads them, by their content and for their owner alone', async () => {
      writeFileSync(path.join(directory, 'b.pem'), makeCertificate('b.example'))
      writeFileSync(path.join(directory, 'a.pem'), makeCertificate('a.example'))
      writeFileSync(path.join(directory, 'README'), 'not one')

      const {usable, broken} = await hostOf().certificates(directory)

      expect(broken).toEqual([])
      expect(usable.map(({name}) => name)).toEqual(['a.pem', 'b.pem'])
      for (const {name, path: copy} of usable) {
        expect(copy.startsWith(`${hostOf().places.directory}/certificates/`)).toBe(true)
        expect(readFileSync(copy, 'utf8')).toBe(readFileSync(path.join(directory, name), 'utf8'))
        expect((statSync(copy).mode & 0o777).toString(8)).toBe('600')
      }
      expect(await hostOf().certificates(directory)).toEqual({usable, broken})
    })

    test('get another path with another content, and the old copy stays while the files name it', async () => {
      const file = path.join(directory, 'a.pem')
      writeFileSync(file, makeCertificate('a.example'))
      const host = hostOf()
      const before = (await host.certificates(directory)).usable[0]!.path
      await host.writeCandidate([
        {name: 'haproxy.cfg', text: 'defaults\n  mode http\n'},
        {name: 'certificates.list', text: `${before}\n`},
      ])
      await host.install()
      writeFileSync(file, makeCertificate('a.example'))
      const after = (await host.certificates(directory)).usable[0]!.path

      expect(after).not.toBe(before)
      expect(readFileSync(before, 'utf8')).not.toBe(readFileSync(after, 'utf8'))
    })

    test('are left out and named when they are broken, and the others are usable', async () => {
      const [good, other] = [makeCertificate('good.example'), makeCertificate('other.example')]
      const keyOf = (pem: string) => /-----BEGIN PRIVATE KEY[^]+/.exec(pem)![0]
      const certificateOf = (pem: string) => pem.slice(0, pem.indexOf('-----BEGIN PRIVATE KEY'))
      const files = {
        'alone.pem': certificateOf(good),
        'empty.pem': '',
        'good.pem': good,
        'mixed.pem': certificateOf(good) + keyOf(other),
        'torn.pem': good.slice(0, 200),
      }
      for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text)

      const {usable, broken} = await hostOf().certificates(directory)

      expect(usable.map(({name}) => name)).toEqual(['good.pem'])
      for (const name of ['alone.pem', 'empty.pem', 'mixed.pem', 'torn.pem'])
        expect(broken.filter((line) => line.includes(name))).toHaveLength(1)
    })

    test('are none where the directory is not there, and that is told', async () => {
      const {usable, broken} = await hostOf().certificates(path.join(directory, 'nowhere'))

      expect(usable).toEqual([])
      expect(broken).toHaveLength(1)
    })
  })
}

/** A certificate and its key in one text. */
export function makeCertificate(commonName: string, days = 30): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'yard-openssl-'))
  const [key, certificate] = [path.join(directory, 'key.pem'), path.join(directory, 'certificate.pem')]
  try {
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const names = ['-subj', `/CN=${commonName}`, '-addext', `subjectAltName=DNS:${commonName}`]
    execFileSync('openssl', [...args, ...names, '-days', String(days), '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    })
    return readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8')
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}
