import {createHash} from 'node:crypto'

import {afterEach, describe, expect, test} from '@jest/globals'

import {type YardEvent} from '../../src/contracts/report.js'
import {cleanUp, failuresOf, run, serve} from '../fakes/smoke-run.js'
import {sendJson} from '../fakes/smoke-server.js'

afterEach(cleanUp)

describe('a file that passes', () => {
  test('chains captures, cookies, forms and JSON through its steps', async () => {
    const server = await serve(({method, url, headers, body}, response) => {
      if (url === '/login') {
        response.setHeader('Set-Cookie', ['session=abc; Path=/; HttpOnly', 'other=1; Path=/elsewhere'])
        sendJson(response, {token: 't-1', echoed: body, type: headers['content-type']}, 201)
      } else if (url.startsWith('/items')) {
        sendJson(response, {
          auth: headers.authorization,
          cookie: headers.cookie,
          url,
          items: [{n: 1}, {n: 2}],
        })
      } else response.writeHead(404).end(method)
    })

    const report = await run(server, {
      'a.hurl': `POST {{base_url}}/login
[Form]
user: al ice
password: p&w
HTTP/1.1 201
[Captures]
token: jsonpath "$.token"
[Asserts]
jsonpath "$.echoed" == "user=al%20ice&password=p%26w"
jsonpath "$.type" == "application/x-www-form-urlencoded"
cookie "session" == "abc"
cookie "session[HttpOnly]" exists
cookie "session[Secure]" not exists
cookie "nope" not exists

GET {{base_url}}/items?a=b
Authorization: Bearer {{token}}
[Query]
q: x y
[Cookies]
theme: dark
HTTP 200
[Asserts]
jsonpath "$.auth" == "Bearer t-1"
jsonpath "$.cookie" == "session=abc; theme=dark"
jsonpath "$.url" == "/items?a=b&q=x%20y"
jsonpath "$.items" count == 2
jsonpath "$.items[*].n" contains 2
jsonpath "$.items[?@.n == 2].n" == 2
variable "service" == "hello"
variable "environment" == "local"

PUT {{base_url}}/other
{"name": "{{token}} \\"quoted\\"", "n": 1}
HTTP *
PUT`.replace(/\nPUT$/, '\n`PUT`'),
    })

    expect(failuresOf(report)).toEqual([])
    expect(report).toMatchObject({outcome: 'passed', requests: 3, failures: 0})
    expect(server.requests[2]?.body).toBe('{"name": "t-1 \\"quoted\\"", "n": 1}')
  })

  test('compares bodies: JSON by meaning, text and bytes exactly', async () => {
    const server = await serve(({url}, response) => {
      if (url === '/json') sendJson(response, {b: [1, 2], a: 'x'})
      else response.end('hello\n')
    })

    const report = await run(server, {
      'a.hurl': `GET {{base_url}}/json
HTTP 200
Content-Type: application/json
{ "a": "x", "b": [1, 2.0] }
GET {{base_url}}/text
HTTP 200
\`\`\`
hello
\`\`\`
GET {{base_url}}/text
HTTP 200
[Asserts]
sha256 == hex,${createHash('sha256').update('hello\n').digest('hex')};
md5 == hex,${createHash('md5').update('hello\n').digest('hex')};
bytes count == 6
duration < 5000
hex,68656c6c6f0a;`,
    })

    expect(failuresOf(report)).toEqual([])
  })
})

describe('a step that fails', () => {
  test('lists every failed check although the status is wrong', async () => {
    const server = await serve((_, response) => sendJson(response, {id: 7, name: 'Bob'}, 500))

    const report = await run(server, {
      'a.hurl': `GET {{base_url}}/
HTTP 200
X-Nope: 1
[Asserts]
jsonpath "$.id" == 8
jsonpath "$.name" startsWith "A"
  jsonpath "$.gone" exists
jsonpath "$.name" isString

GET {{base_url}}/never
`,
    })

    expect(report).toMatchObject({outcome: 'failed', requests: 1, files: [{notRun: 1, outcome: 'failed'}]})
    expect(failuresOf(report)).toEqual([
      '2:6 status: 200 / 500',
      '3:1 header: X-Nope: <1> / no such header',
      '5:1 assert: integer <8> / integer <7>',
      '6:1 assert: starts with string <A> / string <Bob>',
      '7:3 assert: something / none',
    ])
    expect(report.files[0]?.steps[0]?.exchange).toMatchObject({
      request: {method: 'GET', url: `${server.origin}/`},
      response: {status: 500, body: '{"id":7,"name":"Bob"}'},
    })
    expect(server.requests).toHaveLength(1)
  })

  test('says that a body is no JSON, that a filter has nothing to work on, and that a type is wrong', async () => {
    const server = await serve((_, response) => response.end('oops'))

    const report = await run(server, {
      'a.hurl': `GET {{base_url}}/
HTTP 200
[Captures]
id: jsonpath "$.id"
[Asserts]
jsonpath "$.id" == 1
header "X" count == 1
status not contains "2"
body regex /(x)/ == "y"
body matches "["`,
    })

    expect(failuresOf(report)).toEqual([
      '4:5 capture: JSON / text that starts with <oops>',
      '6:1 assert: JSON / text that starts with <oops>',
      '7:12 assert: a value for the filter count / none',
      '8:1 assert: not contains string <2> (of another type) / integer <200>',
      '9:1 assert: string <y> / none',
      expect.stringMatching(/^10:14 assert: a regular expression \/ /),
    ])
  })

  test('shows at most 2 KiB of a long body', async () => {
    const server = await serve((_, response) => response.end('é'.repeat(100_000)))

    const report = await run(server, {'a.hurl': 'GET {{base_url}}/\nHTTP 404'})
    const shown = report.files[0]?.steps[0]?.exchange?.response

    expect(Buffer.byteLength(shown?.body ?? '')).toBeLessThanOrEqual(2_050)
    expect(shown).toMatchObject({isCut: true, bodyBytes: 200_000})
  })
})

describe('several files', () => {
  test('run four at a time and are reported in their order', async () => {
    let running = 0
    let most = 0
    const server = await serve((_, response) => {
      running += 1
      most = Math.max(most, running)
      setTimeout(() => {
        running -= 1
        response.end()
      }, 20)
    })
    const names = Array.from({length: 10}, (_, index) => `f${index}.hurl`)
    const files = Object.fromEntries(names.map((name) => [name, 'GET {{base_url}}/\nHTTP 200']))
    const events: YardEvent[] = []

    const report = await run(server, files, {}, {report: (event) => events.push(event)})

    expect(report.files.map(({file}) => file)).toEqual(names)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
    expect(events.filter(({kind}) => kind === 'step-output')).toHaveLength(10)
  })

  test('share no variables and no cookies', async () => {
    const server = await serve(({headers}, response) => {
      response.setHeader('Set-Cookie', 'a=b')
      response.end(headers.cookie ?? 'none')
    })
    const text = 'GET {{base_url}}/\nHTTP 200\n`none`\nGET {{base_url}}/\nHTTP 200\n`a=b`'

    expect(failuresOf(await run(server, {'a.hurl': text, 'b.hurl': text}))).toEqual([])
  })
})

describe('secrets', () => {
  test('appear nowhere in the report, however they were sent or came back', async () => {
    const secret = 'hun"ter2é&x'
    const server = await serve(({headers, body, url}, response) => {
      response.setHeader('X-Echo', encodeURIComponent(secret))
      sendJson(response, {auth: headers.authorization, body, url, captured: 'captured-secret-1'})
    })

    const report = await run(
      server,
      {
        'a.hurl': `POST {{base_url}}/?q={{pw}}
[BasicAuth]
alice: {{pw}}
[Form]
pw: {{pw}}
HTTP 200
[Captures]
later: jsonpath "$.captured" redact

POST {{base_url}}/{{later}}
X-Key: k-{{later}}
{"pw": "{{pw}}", "later": "{{later}}"}
HTTP 201
[Asserts]
body == "{{pw}}{{later}}"
jsonpath "$.auth" == "{{pw}}"
`,
      },
      {secrets: {pw: secret}},
    )
    const text = JSON.stringify(report)

    expect(report.outcome).toBe('failed')
    for (const spelling of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(`alice:${secret}`).toString('base64'),
      Buffer.from(secret).toString('base64'),
      'captured-secret-1',
      'ter2',
    ])
      expect(text).not.toContain(spelling)
  })
})
