import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {completeAnswers, developmentPort} from '../../../src/domain/generate/answers.js'

const given = {name: 'billing', ci: 'github' as const}

test('fills in what was not given', () => {
  expect(completeAnswers(given, 'Ada')).toEqual({
    name: 'billing',
    owner: 'Ada',
    description: 'The billing service',
    ci: 'github',
    port: developmentPort('billing'),
  })
})

test.each([
  ['owner', {owner: ' '}],
  ['owner', {owner: 'a\u0000b'}],
  ['description', {description: 'a\u001b[2Jb'}],
  ['description', {description: 'x'.repeat(501)}],
  ['description', {description: 'half a pair \ud800'}],
  ['port', {port: 70_000}],
  ['port', {port: 0}],
  ['port', {port: 1.5}],
])('names the flag of a wrong %s', (field, wrong) => {
  expect(() => completeAnswers({...given, ...wrong}, 'Ada')).toThrow(new RegExp(`--${field} must`))
})

test('line breaks, quotes and emoji are fine in text', () => {
  const description = 'Bob\'s "x": #1 ${{y}} {{z}} $(id)\n\u{1f680} </script>'

  expect(completeAnswers({...given, description}, 'Ada').description).toBe(description)
})

test('the derived port is always from 3000 to 3999', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/), (name) => {
      const port = developmentPort(name)
      expect(port >= 3000 && port <= 3999).toBe(true)
    }),
  )
})
