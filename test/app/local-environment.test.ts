import path from 'node:path'

import {expect, test} from '@jest/globals'

import {supervisorVariables} from '../../src/app/local-environment.js'

test('a supervisor, which runs elsewhere, finds the files that were named from here', () => {
  const variables = supervisorVariables(
    {YARD_CATALOG_CA: 'ca.pem', YARD_TOKEN_FILE: '/run/token', YARD_PLATFORM: '', YARD_CATALOG_USER: 'ann'},
    '/state',
    undefined,
  )
  expect(variables).toMatchObject({
    YARD_CATALOG_CA: path.resolve('ca.pem'),
    YARD_TOKEN_FILE: '/run/token',
    YARD_PLATFORM: '',
    YARD_CATALOG_USER: 'ann',
    YARD_STATE_DIR: '/state',
  })
})

test('a supervisor uses the platform file that was found here', () => {
  const variables = supervisorVariables({YARD_PLATFORM: 'other.yaml'}, '/state', '/platform/yard.yaml')
  expect(variables['YARD_PLATFORM']).toBe('/platform/yard.yaml')
})

test('what opens the catalog and other stores is in no file of a supervisor', () => {
  const variables = {
    YARD_TOKEN: 'hunter2',
    YARD_CATALOG_PASSWORD: 'hunter2',
    AWS_SECRET_ACCESS_KEY: 'hunter2',
  }
  expect(Object.values(supervisorVariables(variables, '/state', undefined))).not.toContain('hunter2')
})
