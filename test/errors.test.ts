import {readFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {errorCodes, YardError} from '../src/errors.js'

const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const headings = [...document.matchAll(/^## (E_[A-Z_]+)$/gm)].map(([, code]) => code)

test('every error code has a heading in docs/errors.md, and every heading a code', () => {
  expect(headings).toEqual(Object.keys(errorCodes))
})

test('the table of codes is sorted', () => {
  expect(Object.keys(errorCodes)).toEqual(Object.keys(errorCodes).sort())
})

test('every heading says something', () => {
  const sections = document.split(/^## E_[A-Z_]+$/m).slice(1)
  for (const section of sections) expect(section.trim().length).toBeGreaterThan(60)
})

test('an error carries the exit code of its kind', () => {
  const error = new YardError('E_LOCKED', {what: "Can't deploy", why: 'ann is deploying', next: ['wait']})
  expect(error.exitCode).toBe(3)
  expect(error.message).toBe("Can't deploy: ann is deploying")
})
