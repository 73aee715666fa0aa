import {expect, test} from '@jest/globals'

import {withoutLikelySecrets} from '../../src/domain/likely-secrets.js'

test.each([
  ['DB_PASSWORD=hunter2', 'DB_PASSWORD=***'],
  ['{"api_key": "abc-def", "port": 80}', '{"api_key": "***", "port": 80}'],
  ['password: correct', 'password: ***'],
  ['authorization: Basic YWRhOnB3', 'authorization: Basic ***'],
  ['sent Bearer abc.def-ghi to it', 'sent Bearer *** to it'],
  ['https://ada:pw@example.org/x failed', 'https://ada:***@example.org/x failed'],
  ['AKIAABCDEFGHIJKLMNOP is refused', '*** is refused'],
  ['using xoxb-1234567890-abc', 'using ***'],
  ['AGE-SECRET-KEY-1QQQQ', '***'],
  ['jwt eyJhbGciOiJI.eyJzdWIi.c2ln here', 'jwt *** here'],
])('%j is told as %j', (line, told) => {
  expect(withoutLikelySecrets(line)).toBe(told)
})

test.each([
  'GET /readyz answers 503',
  'connect ECONNREFUSED 10.0.0.1:5432',
  'basic checks passed',
  'http://127.0.0.1:8080/a:b',
  'the token was refused',
])('%j stays as it is', (line) => {
  expect(withoutLikelySecrets(line)).toBe(line)
})
