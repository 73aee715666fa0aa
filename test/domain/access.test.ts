import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {keys} from '../../src/catalog/keys.js'
import {accessOf} from '../../src/domain/access.js'
import {testAreas as areas} from '../server/serving.js'

const [reader, deployer, admin] = [
  accessOf('reader', areas),
  accessOf('deployer', areas),
  accessOf('admin', areas),
]

const part = fc.constantFrom(
  'yard',
  'v1',
  'tokens',
  'environments',
  'audit',
  'services',
  '..',
  '.',
  '',
  'a',
  '%2e',
)
/** Keys of all sorts, many of them close to those that matter. */
const anyKey = fc.oneof(
  fc.array(part, {maxLength: 6}).map((parts) => parts.join('/')),
  fc.array(part, {maxLength: 4}).map((parts) => areas.root + parts.join('/')),
  fc.string(),
)
const anyWrite = fc.oneof(
  fc.record({put: anyKey}),
  fc.record({put: anyKey, lease: fc.constant('lease')}),
  fc.record({delete: anyKey}),
)

describe('for any key', () => {
  test('nobody reads, lists or writes above the root', () => {
    const property = fc.property(anyKey, anyWrite, (key, write) => {
      for (const access of [reader, deployer, admin]) {
        if (access.mayRead(key) || access.mayList(key)) expect(key.startsWith(areas.root)).toBe(true)
        if (access.mayWrite(write))
          expect(('put' in write ? write.put : write.delete).startsWith(areas.root)).toBe(true)
      }
    })
    fc.assert(property, {numRuns: 500})
  })

  test('whoever may more may also do what those who may less can', () => {
    const property = fc.property(anyKey, anyWrite, (key, write) => {
      expect(Number(reader.mayRead(key))).toBeLessThanOrEqual(Number(deployer.mayRead(key)))
      expect(Number(deployer.mayRead(key))).toBeLessThanOrEqual(Number(admin.mayRead(key)))
      expect(reader.mayWrite(write)).toBe(false)
      expect(Number(deployer.mayWrite(write))).toBeLessThanOrEqual(Number(admin.mayWrite(write)))
    })
    fc.assert(property, {numRuns: 500})
  })

  test('only an admin sees or writes tokens', () => {
    const property = fc.property(anyKey, (rest) => {
      const key = areas.tokens + rest
      expect([reader, deployer, admin].map((access) => access.mayRead(key))).toEqual([false, false, true])
      expect([reader, deployer, admin].map((access) => access.mayWrite({put: key}))).toEqual([
        false,
        false,
        true,
      ])
    })
    fc.assert(property)
  })

  test('a deployer takes nothing out of the audit, not even by a lease', () => {
    const property = fc.property(anyKey, (rest) => {
      const key = areas.audit + rest
      expect(deployer.mayWrite({put: key})).toBe(true)
      expect(deployer.mayWrite({delete: key})).toBe(false)
      expect(deployer.mayWrite({put: key, lease: 'lease'})).toBe(false)
    })
    fc.assert(property)
  })
})

test('those who see the same share a view', () => {
  expect(reader.view).toBe(deployer.view)
  expect(admin.view).not.toBe(reader.view)
})

test('a deployer does the work of deploying, and makes no environments', () => {
  expect(deployer.mayWrite({put: keys.binding('production', 'billing')})).toBe(true)
  expect(deployer.mayWrite({delete: keys.lock('deploy')})).toBe(true)
  expect(deployer.mayLease).toBe(true)
  expect(reader.mayLease).toBe(false)
  expect(deployer.mayWrite({put: keys.environment('production')})).toBe(false)
})
