import {appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {FileLogReader} from '../../../src/adapters/logs-files/index.js'
import {type LogLine, type LogQuery} from '../../../src/contracts/log-reader.js'
import {formatLogLine} from '../../../src/domain/logs/line-format.js'
import {rotatedPartName} from '../../../src/domain/logs/parts.js'
import {eventually} from '../processes-local/playground.js'

let root: string
let reader: FileLogReader
const never = new AbortController().signal
const base = Date.UTC(2026, 0, 1)

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'yard-logs-'))
  reader = new FileLogReader({directory: root})
})

afterEach(() => {
  rmSync(root, {recursive: true, force: true})
})

function source(id: string, labels: Record<string, string> = {service: id}): void {
  mkdirSync(path.join(root, id), {recursive: true})
  writeFileSync(
    path.join(root, id, 'source.json'),
    JSON.stringify({id, labels: {environment: 'local', ...labels}}),
  )
}

function write(id: string, lines: [at: number, text: string][], part = 'current.log'): void {
  const text = lines.map(([at, each]) => `${formatLogLine({at, stream: 'stdout', text: each})}\n`).join('')
  appendFileSync(path.join(root, id, part), text)
}

function rotate(id: string, number: number): void {
  renameSync(path.join(root, id, 'current.log'), path.join(root, id, rotatedPartName(number)))
}

async function texts(query: Partial<LogQuery>): Promise<string[]> {
  const found: string[] = []
  for await (const line of reader.read({labels: {}, follow: false, ...query}, never)) found.push(line.text)
  return found
}

/** Follows until the test is over. */
function follow(query: Partial<LogQuery>): {lines: LogLine[]; stop: () => Promise<void>} {
  const controller = new AbortController()
  const lines: LogLine[] = []
  const ended = (async () => {
    for await (const line of reader.read({labels: {}, follow: true, ...query}, controller.signal))
      lines.push(line)
  })()
  return {
    lines,
    stop: async () => {
      controller.abort()
      await ended
    },
  }
}

describe('what was written', () => {
  test('is merged in the order of its times, over rotated parts', async () => {
    source('a')
    source('b')
    write('a', [[base + 1, 'a1']], rotatedPartName(9))
    write('a', [[base + 3, 'a3']], rotatedPartName(10))
    write('a', [[base + 5, 'a5']])
    write('b', [
      [base + 2, 'b2'],
      [base + 4, 'b4'],
    ])
    expect(await texts({})).toEqual(['a1', 'b2', 'a3', 'b4', 'a5'])
    expect(await texts({lines: 3})).toEqual(['a3', 'b4', 'a5'])
    expect(await texts({lines: 0})).toEqual([])
    expect(await texts({lines: 100})).toEqual(['a1', 'b2', 'a3', 'b4', 'a5'])
    expect(await texts({since: base + 3})).toEqual(['a3', 'b4', 'a5'])
    expect(await texts({since: base + 3, lines: 2})).toEqual(['b4', 'a5'])
  })

  test('is chosen by labels', async () => {
    source('a', {service: 'hello'})
    source('b', {service: 'other'})
    write('a', [[base, 'from a']])
    write('b', [[base, 'from b']])
    expect(await texts({labels: {environment: 'local', service: 'hello'}})).toEqual(['from a'])
    expect((await reader.sources({service: 'other'})).map(({id}) => id)).toEqual(['b'])
    expect(await reader.sources({environment: 'staging'})).toEqual([])
  })

  test('counts accepted lines only', async () => {
    source('a')
    write(
      'a',
      Array.from({length: 1_000}, (_, number) => [base + number, `line ${number}`] as [number, string]),
    )
    const accepts = (line: LogLine) => line.text.endsWith('00')
    expect(await texts({lines: 2, accepts})).toEqual(['line 800', 'line 900'])
    expect(await texts({accepts})).toHaveLength(9)
  })

  test('is found whatever its size and wherever blocks end', async () => {
    source('a')
    const lines = Array.from(
      {length: 300},
      (_, number) => [base + number, `${number}:${'é'.repeat((number * 97) % 3_000)}`] as [number, string],
    )
    write('a', lines)
    expect(await texts({lines: 300})).toEqual(lines.map(([, text]) => text))
    expect(await texts({lines: 7})).toEqual(lines.slice(-7).map(([, text]) => text))
    expect(await texts({})).toEqual(lines.map(([, text]) => text))
  })

  test('keeps the order of one log although its clock was set back', async () => {
    source('a')
    write('a', [
      [base + 9, 'first'],
      [base + 1, 'second'],
    ])
    expect(await texts({lines: 5})).toEqual(['first', 'second'])
    expect(await texts({})).toEqual(['first', 'second'])
  })

  test('is skipped where it is no log', async () => {
    source('a')
    write('a', [[base, 'good']])
    appendFileSync(path.join(root, 'a', 'current.log'), 'half of a li\n\n\0\0\0\n')
    write('a', [[base + 1, 'good again']])
    mkdirSync(path.join(root, 'no-source'))
    source('liar')
    writeFileSync(path.join(root, 'liar', 'source.json'), JSON.stringify({id: 'a', labels: {}}))
    expect(await texts({})).toEqual(['good', 'good again'])
    expect(await texts({lines: 5})).toEqual(['good', 'good again'])
  })

  test('is nothing when there is no directory yet', async () => {
    rmSync(root, {recursive: true})
    expect(await texts({lines: 5})).toEqual([])
    expect(await reader.sources({})).toEqual([])
  })
})

describe('following', () => {
  test('goes on after the last lines, exactly once, through rotations', async () => {
    source('a')
    const now = Date.now()
    write('a', [
      [now - 3, '0'],
      [now - 2, '1'],
    ])
    const followed = follow({lines: 1})
    await eventually('the last line', () => followed.lines.length === 1)
    for (let number = 2; number < 300; number++) {
      write('a', [[Date.now(), String(number)]])
      if (number % 10 === 0) rotate('a', number)
      if (number % 25 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await eventually('all lines', () => followed.lines.length === 299)
    await followed.stop()
    expect(followed.lines.map(({text}) => Number(text))).toEqual(
      Array.from({length: 299}, (_, index) => index + 1),
    )
  })

  test('waits for the end of a line', async () => {
    source('a')
    source('b')
    const whole = formatLogLine({at: Date.now(), stream: 'stdout', text: 'in two halves'})
    appendFileSync(path.join(root, 'a', 'current.log'), whole.slice(0, 30))
    const followed = follow({lines: 10})
    const other = formatLogLine({at: Date.now(), stream: 'stdout', text: 'whole'})
    appendFileSync(path.join(root, 'b', 'current.log'), `${other}\n`)
    await eventually('the other log was read, and so was the half', () => followed.lines.length > 0)
    appendFileSync(path.join(root, 'a', 'current.log'), `${whole.slice(30)}\n`)
    await eventually('the line', () => followed.lines.length === 2)
    await followed.stop()
    expect(followed.lines.map(({text}) => text)).toEqual(['whole', 'in two halves'])
  })

  test('finds processes that start later, and outlives those that are removed', async () => {
    source('a')
    write('a', [[Date.now(), 'a']])
    const followed = follow({lines: 10, labels: {environment: 'local'}})
    await eventually('a', () => followed.lines.length === 1)
    rmSync(path.join(root, 'a'), {recursive: true})
    source('b')
    write('b', [[Date.now(), 'b']])
    await eventually('b', () => followed.lines.length === 2)
    await followed.stop()
    expect(followed.lines.map(({text}) => text)).toEqual(['a', 'b'])
  })

  test('keeps the order of two logs that are written at the same time', async () => {
    source('a')
    source('b')
    const followed = follow({lines: 0})
    for (let number = 0; number < 2_000; number++) {
      write(number % 2 === 0 ? 'a' : 'b', [[Date.now(), String(number)]])
      if (number % 40 === 0) await new Promise((resolve) => setTimeout(resolve, 3))
    }
    await eventually('all lines', () => followed.lines.length === 2_000)
    await followed.stop()
    const times = followed.lines.map(({at}) => at)
    expect(times).toEqual([...times].sort((one, other) => one - other))
  })

  test('ends at once when the signal aborts', async () => {
    source('a')
    const followed = follow({lines: 10})
    const before = Date.now()
    await followed.stop()
    expect(Date.now() - before).toBeLessThan(5_000)
  })
})

test('two hundred thousand lines are merged in bounded time', async () => {
  for (const id of ['a', 'b']) {
    source(id)
    write(
      id,
      Array.from({length: 100_000}, (_, number) => [base + number, `${id}${number}`] as [number, string]),
    )
  }
  const before = Date.now()
  expect(await texts({})).toHaveLength(200_000)
  expect(Date.now() - before).toBeLessThan(60_000)
})
