import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseCatalogUrl} from '../../src/app/catalog-url.js'
import {failureOf} from '../fakes/failure-of.js'

describe('the URL of a catalog', () => {
  test.each([
    ['sqlite:/srv/yard/catalog.db', '/srv/yard/catalog.db'],
    ['sqlite:///srv/yard/catalog.db', '/srv/yard/catalog.db'],
    ['sqlite:catalog.db', '/srv/there/catalog.db'],
    ['sqlite:../a b.db', '/srv/a b.db'],
  ])('%s is a file', (url, file) => {
    expect(parseCatalogUrl(url, '/srv/there')).toEqual({kind: 'sqlite', file})
  })

  test('names the members of a cluster, with the port etcd has by itself', () => {
    expect(parseCatalogUrl('etcd://10.0.0.1:2379,ten.example.org,[::1]:4001')).toEqual({
      kind: 'etcd',
      endpoints: ['10.0.0.1:2379', 'ten.example.org:2379', '[::1]:4001'],
      isTls: false,
      namespace: '',
    })
  })

  test('may ask for TLS, and for a part of a cluster', () => {
    expect(parseCatalogUrl('etcds://10.0.0.1/team-a/')).toMatchObject({isTls: true, namespace: '/team-a'})
  })

  test.each(['http://127.0.0.1:7600', 'https://yard.example.org/catalog'])('%s is a server', (url) => {
    expect(parseCatalogUrl(`${url}/`)).toEqual({kind: 'http', url})
  })

  test.each([
    '',
    'catalog.db',
    '/srv/catalog.db',
    'sqlite:',
    'sqlite:a\0b',
    'etcd://',
    'etcd://a:0',
    'etcd://a:65536',
    'etcd://a:port',
    'etcd://a,,b',
    'etcd://a b',
    'etcd://a/x?y=1',
    'redis://localhost',
    'http://',
    'HTTP://a',
    'file:///etc/passwd',
  ])('%j is refused', async (url) => {
    const failure = await failureOf(() => parseCatalogUrl(url))
    expect(failure).toMatchObject({code: 'E_CATALOG_URL', exitCode: 2})
  })

  test.each([
    'etcd://root:hunter2@10.0.0.1:2379',
    'HTTPS://root:hunter2@yard.example.org',
    'etcd+tls://root:hunter2@10.0.0.1',
    'https://root:hunter2/more@yard.example.org',
  ])('%s is refused, and the password not repeated', async (url) => {
    const failure = await failureOf(() => parseCatalogUrl(url))
    expect(failure).toMatchObject({code: 'E_CATALOG_URL'})
    expect(JSON.stringify(failure)).not.toContain('hunter2')
    expect(failure.message).not.toContain('hunter2')
  })

  test('is either understood or refused, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `etcd://${rest}`),
        ),
        (url) => {
          try {
            parseCatalogUrl(url)
          } catch (error) {
            expect(error).toMatchObject({code: 'E_CATALOG_URL'})
          }
        },
      ),
    )
  })
})
