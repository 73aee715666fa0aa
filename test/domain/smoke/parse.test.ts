import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseSmokeFile, type SyntaxProblem} from '../../../src/domain/smoke/parse.js'
import {type Entry} from '../../../src/domain/smoke/syntax/tree.js'

const corpus = path.join(import.meta.dirname, '../../fixtures/smoke')

describe('the corpus', () => {
  test.each(filesOf('ok'))('reads %s', (name) => {
    expect(parseSmokeFile(contentOf('ok', name))).toHaveProperty('ok')
  })

  test.each(filesOf('unsupported'))('refuses %s by name', (name) => {
    const problem = problemIn(contentOf('unsupported', name))

    expect(problem.kind).toBe('unsupported')
    expect(problem.message).toMatch(/^.+: supported by hurl, not by yard$/)
  })

  test.each(filesOf('invalid'))('says what is wrong with %s', (name) => {
    const problem = problemIn(contentOf('invalid', name))

    expect(problem.kind).toBe('invalid')
    expect(problem.message).toMatch(/^expected |is here twice$/)
  })
})

describe('positions', () => {
  test.each([
    ['GET {{base_url}}/\nHTTP 200\n[Asserts]\nxpath "//p" exists', 4, 1, 'the query xpath'],
    ['GET {{base_url}}/\n[Options]\nntlm: true', 3, 1, 'the option ntlm'],
    ['GET http://é😀/ # x\nHTTP 200\n[Asserts]\nbody == "é😀" 5', 4, 14, 'the end of the line'],
    ['GET {{base_url}}/\r\nX-A: b\r\nHTTP nope', 3, 6, 'a status'],
    ['\n\n   GET {{base_url}/', 3, 18, '}}'],
    ['POST {{base_url}}/\n{\n  "a": [1,\n    2,,]\n}', 4, 7, 'a JSON value'],
  ])('of %j', (text, line, column, part) => {
    const problem = problemIn(text)

    expect({...problem.position, message: problem.message}).toEqual({
      line,
      column,
      message: expect.stringContaining(part),
    })
  })

  test('every part of an entry knows where it starts', () => {
    const [entry] = entriesOf(
      'GET {{base_url}}/a\nX-A: 1\n[Options]\nretry: 2\nHTTP 200\n[Captures]\nid: jsonpath "$.id"\n[Asserts]\n  body count == 2',
    )

    expect(entry?.request).toMatchObject({
      position: {line: 1, column: 1},
      url: {position: {line: 1, column: 5}},
      headers: [{position: {line: 2, column: 1}, value: {position: {line: 2, column: 6}}}],
      options: [{position: {line: 4, column: 1}}],
    })
    expect(entry?.response).toMatchObject({
      status: {position: {line: 5, column: 6}},
      captures: [{position: {line: 7, column: 1}, query: {position: {line: 7, column: 5}}}],
      asserts: [
        {
          position: {line: 9, column: 3},
          filters: [{kind: 'count', position: {line: 9, column: 8}}],
          predicate: {position: {line: 9, column: 14}},
        },
      ],
    })
  })
})

describe('meaning', () => {
  test('a comment ends a value, and spaces at its end are no part of it', () => {
    const [entry] = entriesOf('GET http://a/b   # c\nX-A: one two \t # three\nX-B: \\#four\nX-C:')

    expect(entry?.request.url.parts).toEqual(['http://a/b'])
    expect(entry?.request.headers.map(({value}) => value.parts)).toEqual([['one two'], ['#four'], []])
  })

  test('a fence keeps text as it is, with placeholders', () => {
    const [entry] = entriesOf('POST http://a/\n```\na \\n # {{b}}\n\n```\n')

    expect(entry?.request.body).toMatchObject({
      kind: 'text',
      template: {parts: ['a \\n # ', {name: 'b'}, '\n\n']},
    })
  })

  test('JSON keeps its spelling and tells strings from values', () => {
    const [entry] = entriesOf('POST http://a/\n{"a" : "x{{b}}", "c":{{d}} }')

    expect(entry?.request.body).toMatchObject({
      kind: 'json',
      parts: [
        '{"a" : "x',
        {placeholder: {name: 'b'}, insideString: true},
        '", "c":',
        {insideString: false},
        ' }',
      ],
    })
  })

  test('a body of one placeholder is no header', () => {
    const [entry] = entriesOf('POST http://a/\n{{payload}}\nHTTP 200')

    expect(entry?.request).toMatchObject({headers: [], body: {kind: 'json'}})
  })

  test('an array body is no section', () => {
    expect(entriesOf('POST http://a/\n[1]\nHTTP 200')[0]?.request.body).toMatchObject({kind: 'json'})
  })

  test('a regular expression keeps its backslashes but not those before slashes', () => {
    const [entry] = entriesOf('GET http://a/\nHTTP 200\n[Asserts]\nbody matches /^\\d+\\/\\[x$/')

    expect(entry?.response?.asserts[0]?.predicate.test).toMatchObject({pattern: {source: '^\\d+/\\[x$'}})
  })

  test.each([
    ['100', 100],
    ['100ms', 100],
    ['2s', 2_000],
    ['1m', 60_000],
    ['1h', 3_600_000],
  ])('a delay of %s is %d ms', (spelled, millis) => {
    expect(entriesOf(`GET http://a/\n[Options]\ndelay: ${spelled}`)[0]?.request.options).toMatchObject([
      {value: millis},
    ])
  })
})

describe('any text', () => {
  test('never makes the parser throw', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 200}), (text) => void parseSmokeFile(text)),
      {numRuns: 500},
    )
  })

  test('never makes it throw when it is nearly right, and the position is inside the text', () => {
    const lines = filesOf('ok').flatMap((name) => contentOf('ok', name).split('\n'))
    const words = [
      ...lines,
      '{{',
      '}}',
      '"',
      '```',
      '`',
      '\\',
      '[',
      '[Asserts]',
      'HTTP',
      '{',
      '#',
      '\r',
      'GET ',
    ]
    const text = fc.array(fc.constantFrom(...words), {maxLength: 30}).map((parts) => parts.join('\n'))
    fc.assert(
      fc.property(text, fc.nat(40), fc.nat(40), (whole, from, length) => {
        const damaged = whole.slice(0, from) + whole.slice(from + length)
        const parsed = parseSmokeFile(damaged)
        if (parsed.ok) return
        const {line, column} = parsed.problem.position
        const found = damaged.split('\n')[line - 1]
        expect(found).toBeDefined()
        expect(column).toBeGreaterThan(0)
        expect(column).toBeLessThanOrEqual(Array.from(found ?? '').length + 1)
      }),
      {numRuns: 1_000},
    )
  })

  test('in quotes comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 60}), (text) => {
        const [entry] = entriesOf(`GET http://a/\nHTTP 200\n[Asserts]\nbody == "${quoted(text)}"`)
        expect(entry?.response?.asserts[0]?.predicate.test).toMatchObject({
          expected: {template: {parts: text === '' ? [] : [text]}},
        })
      }),
    )
  })

  test('as JSON comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({maxDepth: 3}), (value) => {
        const json = JSON.stringify(value, undefined, 1).replaceAll('{{', '{ {')
        fc.pre(!json.includes('{ {'))
        const [entry] = entriesOf(`POST http://a/\n${json}\nHTTP 200`)
        expect(entry?.request.body).toMatchObject({kind: 'json', parts: [json]})
      }),
    )
  })

  test('of a megabyte is read, without looking at it again and again', () => {
    const text = `POST http://a/\n\`\`\`\n${'x y # {\n'.repeat(100_000)}\`\`\`\nX: ${' '.repeat(20_000)}y\n`
    // A header after the body is a mistake, found behind all of it.
    expect(problemIn(text).position).toEqual({line: 100_004, column: 1})
    expect(parseSmokeFile(`GET http://a/\nX: ${' '.repeat(50_000)}y\n`)).toMatchObject({ok: true})
  })

  test('nested too deep is refused instead of overflowing the stack', () => {
    expect(problemIn(`POST http://a/\n${'['.repeat(50_000)}`).message).toContain('levels of JSON')
  })
})

function filesOf(kind: string): string[] {
  return readdirSync(path.join(corpus, kind)).sort()
}

function contentOf(kind: string, name: string): string {
  return readFileSync(path.join(corpus, kind, name), 'utf8')
}

function entriesOf(text: string): Entry[] {
  const parsed = parseSmokeFile(text)
  if (!parsed.ok) throw new Error(`${parsed.problem.position.line}: ${parsed.problem.message}`)
  return parsed.file.entries
}

function problemIn(text: string): SyntaxProblem {
  const parsed = parseSmokeFile(text)
  if (parsed.ok) throw new Error('the text is right')
  return parsed.problem
}

/** Escapes every character that could mean something. */
function quoted(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0
    const isHalf = code >= 0xd800 && code <= 0xdfff
    return isHalf ? character : /[\w ]/.test(character) ? character : `\\u{${code.toString(16)}}`
  }).join('')
}
