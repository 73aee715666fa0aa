import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseScaleWords} from '../../../src/lifecycle/scale/words.js'

describe('words that say how many there shall be', () => {
  test('are read in any order, with the name of a service among them or without', () => {
    expect(parseScaleWords(['web=3', 'billing', 'worker=0'])).toEqual({
      service: 'billing',
      processes: {web: 3, worker: 0},
    })
    expect(parseScaleWords(['web=3'])).toEqual({service: undefined, processes: {web: 3}})
    expect(parseScaleWords([])).toEqual({service: undefined, processes: {}})
  })

  test.each([
    ['=3'],
    ['web='],
    ['web=-1'],
    ['web=1.5'],
    ['web=1e3'],
    ['web=1001'],
    ['web=99999'],
    ['web= 3'],
    ['web=0x3'],
    ['Web=3'],
    ['web=3=4'],
    ['../x=3'],
    ['web=3\n'],
    ['web=٣'],
  ])('%j is refused', (word) => {
    expect(() => parseScaleWords([word])).toThrow(expect.objectContaining({code: 'E_USAGE', exitCode: 2}))
  })

  test('a process twice and two services are refused', () => {
    expect(() => parseScaleWords(['web=1', 'web=2'])).toThrow(/web is given twice/)
    expect(() => parseScaleWords(['billing', 'orders', 'web=2'])).toThrow(/one service/)
  })

  test('whatever is typed is read or refused with exit 2', () => {
    fc.assert(
      fc.property(fc.array(fc.string({maxLength: 20}), {maxLength: 4}), (words) => {
        try {
          const {processes} = parseScaleWords(words)
          for (const count of Object.values(processes)) expect(count).toBeLessThanOrEqual(1_000)
        } catch (error) {
          expect(error).toMatchObject({code: 'E_USAGE'})
        }
      }),
    )
  })
})
