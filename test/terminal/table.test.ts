import {expect, test} from '@jest/globals'

import {displayWidth, table} from '../../src/terminal/table.js'

test('columns stand under their headings, and no line ends with spaces', () => {
  const text = table(
    ['NAME', 'OWNER', 'STATE'],
    [
      ['hello', 'ada', 'up'],
      ['order-history', '', ''],
    ],
  )

  expect(text).toBe(['NAME           OWNER  STATE', 'hello          ada    up', 'order-history'].join('\n'))
})

test('wide characters take two columns, combining ones none', () => {
  expect(['abc', '日本', '👩‍🚀', 'e\u0301', 'ｆ', '한', '☎️', ''].map(displayWidth)).toEqual([
    3, 4, 2, 1, 2, 2, 2, 0,
  ])
  expect(
    table(
      ['A', 'B'],
      [
        ['日本', 'x'],
        ['ab', 'y'],
      ],
    ),
  ).toBe('A     B\n日本  x\nab    y')
})

test('a style does not move a column', () => {
  const style = (text: string) => `\u001b[32m${text}\u001b[39m`

  expect(
    table(
      ['A', 'B'],
      [
        [{text: 'up', style}, 'x'],
        ['down', 'y'],
      ],
    ),
  ).toBe('A     B\n\u001b[32mup\u001b[39m    x\ndown  y')
})

test('text from outside can do nothing to the terminal', () => {
  const text = table(['A', 'B'], [['a\u001b[2Jb\nc\td', '\u202ex\u009b']])

  expect(text.split('\n')).toHaveLength(2)
  expect(text).toContain(String.raw`a\x1b[2Jb\nc d  \u202ex\x9b`)
})
