import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseProcfile, procfileText} from '../../src/domain/procfile.js'

describe('a Procfile', () => {
  test('is names and command lines; comments and blank lines mean nothing', () => {
    expect(
      parseProcfile('\ufeff# what runs\r\n\r\n  web :  node a.js --x="a: b"  \nworker: b # kept\n'),
    ).toEqual({
      ok: true,
      processes: {web: 'node a.js --x="a: b"', worker: 'b # kept'},
    })
  })

  test.each([
    ['', 1, 1, /names no process/],
    ['# only\n', 1, 1, /names no process/],
    ['web: a\nnocolon', 2, 1, /no colon/],
    ['web: a\n  Web: b', 2, 3, /lower-case/],
    ['web: a\nweb: b', 2, 1, /twice/],
    ['web:', 1, 5, /no command/],
    ['constructor: x', 1, 1, /lower-case/],
    ['__proto__: x', 1, 1, /lower-case/],
    [`web: ${'x'.repeat(3_000)}`, 1, 6, /too long/],
    ['x'.repeat(100_000), 1, 1, /larger/],
  ])('like %j has a problem at its place', (text, line, column, message) => {
    expect(parseProcfile(text)).toMatchObject({
      ok: false,
      problems: [{line, message: expect.stringMatching(message)}],
    })
    if (message.source !== 'too long') expect(parseProcfile(text)).toMatchObject({problems: [{column}]})
  })

  test('written from processes is read back as them', () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9]{0,10}$/)
      .filter((text) => text !== 'constructor' && text !== 'prototype')
    const command = fc.stringMatching(/^[!-~][ -~]{0,50}[!-~]$/)
    fc.assert(
      fc.property(
        fc.dictionary(name, command, {minKeys: 1, maxKeys: 5, noNullPrototype: true}),
        (processes) => {
          expect(parseProcfile(procfileText(processes))).toEqual({ok: true, processes})
        },
      ),
    )
  })

  test('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.string({maxLength: 200, unit: 'binary'}), (text) => void parseProcfile(text)))
  })
})
