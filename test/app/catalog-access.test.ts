import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, describe, expect, test} from '@jest/globals'

import {catalogAccess} from '../../src/app/catalog-access.js'
import {type Platform} from '../../src/domain/platform-file.js'
import {failureOf} from '../fakes/failure-of.js'

const directory = mkdtempSync(path.join(tmpdir(), 'yard-access-'))
const file = (name: string, text: string) => {
  writeFileSync(path.join(directory, name), text)
  return path.join(directory, name)
}
afterAll(() => rmSync(directory, {recursive: true, force: true}))

const platform = {
  file: path.join(directory, 'yard.yaml'),
  catalog: {url: 'etcd://a', ca: 'ca.pem', user: 'yard'},
} as unknown as Platform

describe('what a catalog asks for', () => {
  test('is nothing when nobody said anything', () => {
    expect(catalogAccess({}, undefined)).toEqual({tls: {}})
  })

  test('is read from files beside the platform file', () => {
    file('ca.pem', 'the authority')
    expect(catalogAccess({YARD_CATALOG_PASSWORD: 'sesame'}, platform)).toEqual({
      tls: {ca: 'the authority'},
      user: {name: 'yard', password: 'sesame'},
    })
  })

  test('comes from the environment first', () => {
    const variables = {
      YARD_CATALOG_CA: file('other.pem', 'another authority'),
      YARD_CATALOG_USER: 'root',
      YARD_CATALOG_PASSWORD_FILE: file('password', 'from a file\n'),
    }
    expect(catalogAccess(variables, platform)).toEqual({
      tls: {ca: 'another authority'},
      user: {name: 'root', password: 'from a file'},
    })
  })

  test('may be a token, in a variable or in a file', () => {
    expect(catalogAccess({YARD_TOKEN: 'a'}, undefined).token).toBe('a')
    expect(catalogAccess({YARD_TOKEN_FILE: file('token', 'b\n')}, undefined).token).toBe('b')
    expect(catalogAccess({YARD_TOKEN: ''}, undefined).token).toBeUndefined()
  })

  test('names the file that is not there, and who asked for it', async () => {
    const failure = await failureOf(() => catalogAccess({YARD_CATALOG_KEY: '/no/such.key'}, undefined))
    expect(failure).toMatchObject({
      code: 'E_CATALOG_AUTH',
      exitCode: 4,
      why: expect.stringContaining('YARD_CATALOG_KEY'),
    })
  })
})
