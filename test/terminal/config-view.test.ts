import {describe, expect, test} from '@jest/globals'

import {
  configDiffView,
  configGetView,
  configListView,
  configSetView,
  configUnsetView,
} from '../../src/terminal/config-view.js'

const now = new Date('2026-11-23T12:00:00.000Z')
const setAt = '2026-11-20T12:00:00.000Z'

describe('what was set', () => {
  test('is named with its kind, what it was before, and the release that is live without it', () => {
    const view = configSetView({
      environment: 'staging',
      service: 'billing',
      dryRun: false,
      live: 5,
      variables: [
        {name: 'A', kind: 'plain', outcome: 'changed', was: 'sealed'},
        {name: 'KEY', kind: 'sealed', outcome: 'added'},
        {name: 'REF', kind: 'reference', outcome: 'added'},
        {name: 'B', kind: 'plain', outcome: 'unchanged'},
      ],
    })

    expect(view.split('\n')).toEqual([
      '✓ set A; it was a secret',
      '✓ set KEY, a secret',
      '✓ set REF, a reference',
      'B is that already',
      '',
      'The next deploy of billing to staging makes a new release with it; r5 is live without the change.',
    ])
  })

  test('says nothing of a deploy when nothing changed', () => {
    const variables = [{name: 'B', kind: 'plain' as const, outcome: 'unchanged' as const}]

    expect(configSetView({environment: 'staging', dryRun: false, variables})).toBe('B is that already')
  })

  test('is only a plan in a dry run', () => {
    const variables = [{name: 'B', kind: 'plain' as const, outcome: 'added' as const}]

    expect(configSetView({environment: 'staging', dryRun: true, variables})).toBe(
      'Would set B\nNothing was changed.',
    )
  })
})

test('what was unset is named', () => {
  expect(configUnsetView({environment: 'local', dryRun: false, names: ['A', 'B'], live: 2})).toBe(
    '✓ unset A\n✓ unset B\n\nThe next deploy of each service to local makes a new release without it; r2 is live without the change.',
  )
})

test('a value keeps its lines and can do nothing to a terminal', () => {
  expect(configGetView({name: 'A', kind: 'plain', source: 'service', value: 'a\n\u001b[31mb\u202e'})).toBe(
    'a\n\\x1b[31mb\\u202e',
  )
})

test('a list shows ages and who, and no secret', () => {
  const view = configListView(
    [
      {name: 'KEY', kind: 'sealed', source: 'service', hides: [], setAt, setBy: 'ada@laptop'},
      {
        name: 'LONG',
        kind: 'plain',
        value: 'x'.repeat(100),
        source: 'shared',
        hides: [],
        setAt,
        setBy: 'eve\u001b[2J',
      },
      {name: 'MODE', kind: 'plain', value: 'a\nb', source: 'service.yaml', hides: ['shared']},
    ],
    {environment: 'local', service: 'hello'},
    now,
  )

  expect(view.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['NAME', 'VALUE', 'FROM', 'SET', 'BY'],
    ['KEY', '[secret]', 'environment', '3 d ago', 'ada@laptop'],
    ['LONG', `${'x'.repeat(60)}…`, 'shared', '3 d ago', 'eve\\x1b[2J'],
    ['MODE', 'a\\nb', 'service.yaml, over shared', '-', '-'],
  ])
})

test('an empty list says how to begin', () => {
  expect(configListView([], {environment: 'staging', service: undefined}, now)).toBe(
    'Nothing is set for all services of staging. Set it: yard config set --shared LOG_LEVEL=debug --env staging',
  )
})

test('a difference shows secrets by their ages', () => {
  const view = configDiffView(
    {
      from: 'staging',
      to: 'production',
      differences: [{name: 'MODE', from: {kind: 'plain', value: 'test'}, to: {kind: 'sealed', setAt}}],
      secrets: [{name: 'KEY', from: setAt, to: '2026-11-22T12:00:00.000Z'}],
    },
    now,
  )

  expect(view.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['NAME', 'STAGING', 'PRODUCTION'],
    ['MODE', 'test', 'secret, set 3 d ago'],
    ['KEY', 'secret, set 3 d ago', 'secret, set 1 d ago'],
    [''],
    ['Whether two secrets are the same is not known.'],
  ])
})
