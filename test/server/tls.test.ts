import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import {openHttpStore} from '../../src/adapters/store-http/index.js'
import {keys} from '../../src/catalog/keys.js'
import {never, put, take} from '../contracts/store-actions.js'
import {failureOf} from '../fakes/failure-of.js'
import {makeCertificates} from '../support/etcd/certificates.js'
import {serve} from './serving.js'

if (hasOpenssl()) {
  test('with TLS a client that knows the authority works, and any other says what is wrong', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'yard-tls-'))
    try {
      const {ca, otherCa, server} = makeCertificates(directory)
      const serving = await serve({tls: server})
      const token = await serving.token('ci', 'deployer')
      const url = serving.url
      const stores = await Promise.all([
        openHttpStore({url, token, ca}),
        openHttpStore({url, token, ca: otherCa}),
        openHttpStore({url, token}),
        openHttpStore({url: url.replace('https:', 'http:'), token}),
      ])
      const [good, wrong, unknowing, plain] = stores
      const revision = await put(good, keys.service('hello'), '{}')

      expect(await take(good.watch(keys.services, revision - 1, never), 1)).toMatchObject([{revision}])
      for (const store of [wrong, unknowing]) {
        const failure = await failureOf(store.get(keys.service('hello')))
        expect(failure.code).toBe('E_CATALOG_UNREACHABLE')
        expect(failure.next[0]).toContain('YARD_CATALOG_CA')
      }
      expect((await failureOf(plain.get(keys.service('hello')))).code).toBe('E_CATALOG_UNREACHABLE')
      const toPlain = await serve()
      const failure = await failureOf(
        (await openHttpStore({url: `https://127.0.0.1:${toPlain.port}`})).get('/a'),
      )
      expect(failure.why).toContain('it does not speak TLS')
      await Promise.all([...stores.map((store) => store.close()), serving.close(), toPlain.close()])
    } finally {
      rmSync(directory, {recursive: true, force: true})
    }
  })
} else test.skip('TLS (skipped: openssl, which makes the certificates, is not installed)', () => undefined)

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}
