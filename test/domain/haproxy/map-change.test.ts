import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  parseFoundEntries,
  parseShownMap,
  planMaps,
  readMapFile,
  repeatedKeys,
} from '../../../src/domain/haproxy/map-change.js'

const map = (entries: Record<string, string>) => new Map(Object.entries(entries))

describe('what brings the maps to what is wanted', () => {
  test('is one command for each entry that differs, and a question after it', () => {
    const running = new Map([['services.map', map({same: 'x', other: 'x', gone: 'x'})]])
    const wanted = new Map([['services.map', map({same: 'x', other: 'y', fresh: 'z'})]])

    expect(planMaps(running, wanted)).toEqual({
      commands: ['set map services.map other y', 'add map services.map fresh z', 'del map services.map gone'],
      proofs: [
        {command: 'get map services.map other', value: 'y'},
        {command: 'get map services.map fresh', value: 'z'},
        {command: 'get map services.map gone', value: undefined},
      ],
    })
  })

  test('is nothing for a map that the worker does not have', () => {
    expect(planMaps(new Map(), new Map([['public.map', map({a: 'b'})]]))).toEqual({commands: [], proofs: []})
  })

  test('lets no entry end its command and begin another', () => {
    const wanted = new Map([['m', map({'a;b c': 'x\\;show info\ny'})]])
    const [command] = planMaps(new Map([['m', new Map()]]), wanted).commands

    expect(command).toBe('add map m a\\;b\\ c x\\\\\\;show\\ info\\\ny')
  })

  test('leads from any maps to any others', () => {
    const entries = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.stringMatching(/^[a-z]{1,3}$/))
    fc.assert(
      fc.property(entries, entries, (before, after) => {
        const live = map(before)
        const change = planMaps(new Map([['m', live]]), new Map([['m', map(after)]]))
        for (const command of change.commands) {
          const [verb, , , key = '', value = ''] = command.split(' ')
          if (verb === 'del') live.delete(key)
          else live.set(key, value)
        }
        expect(Object.fromEntries(live)).toEqual(after)
      }),
    )
  })
})

describe('maps as HAProxy shows them', () => {
  test('are read with spaces in their values', () => {
    expect(parseShownMap('0x562c06017390 a x y\n0x7f97f8047c90 b spare_000\n\n')).toEqual(
      map({a: 'x y', b: 'spare_000'}),
    )
    expect(parseShownMap('Unknown map identifier.\n')).toEqual(new Map())
  })

  test('are read entry by entry', () => {
    const found = 'type=str, case=sensitive, found=yes, idx=tree, key="a", value="svc_a", type="str"'
    expect(parseFoundEntries(`${found}\n\ntype=str, case=sensitive, found=no\n\n`)).toEqual([
      'svc_a',
      undefined,
    ])
  })

  test('are read from files, and repeated keys are found', () => {
    expect(readMapFile('a b\nc d e\n')).toEqual(map({a: 'b', c: 'd e'}))
    expect(repeatedKeys('a b\nc d\na e\na f\n')).toEqual(['a'])
    expect(repeatedKeys('')).toEqual([])
  })
})
