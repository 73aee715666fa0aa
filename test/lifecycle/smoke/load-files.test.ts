import {afterEach, describe, expect, test} from '@jest/globals'

import {cleanUp, failureOf, run, serve} from '../../fakes/smoke-run.js'

afterEach(cleanUp)

describe('files that can not be run', () => {
  test.each([
    [
      'xpath',
      'GET {{base_url}}/\nHTTP 200\n[Asserts]\nxpath "//p" exists',
      'b.hurl:4:1: the query xpath: supported by hurl, not by yard',
    ],
    ['wrong', 'GET {{base_url}}/\nHTTP 200\n[Nope]', 'b.hurl:3:1: expected a section'],
    ['with an unset variable', 'GET {{base_url}}/{{id}}', 'b.hurl:1:20: {{id}} has no value here'],
    ['empty', '# nothing', 'b.hurl:1:1: expected at least one request'],
  ])('are refused before anything is sent: %s', async (_, text, message) => {
    const server = await serve((_request, response) => response.end())

    const error = await failureOf(run(server, {'a.hurl': 'GET {{base_url}}/', 'b.hurl': text}))

    expect(error).toMatchObject({code: 'E_SMOKE_FILE', exitCode: 2})
    expect(error.why).toContain(message)
    expect(server.requests).toHaveLength(0)
  })

  test('are all named at once', async () => {
    const server = await serve((_request, response) => response.end())

    const error = await failureOf(run(server, {'a.hurl': 'nope', 'b.hurl': 'GET {{base_url}}/{{x}}/{{y}}'}))

    expect(error.details).toEqual({
      problems: [
        expect.objectContaining({file: 'a.hurl', line: 1, column: 1}),
        expect.objectContaining({file: 'b.hurl', line: 1, column: 20}),
        expect.objectContaining({file: 'b.hurl', line: 1, column: 26}),
      ],
    })
  })

  test('are missed, unless the caller can do without', async () => {
    const server = await serve((_request, response) => response.end())

    expect(await failureOf(run(server, {}))).toMatchObject({code: 'E_SMOKE_MISSING', exitCode: 2})
    expect(await run(server, {}, {whenNone: 'skip'})).toMatchObject({outcome: 'skipped', files: []})
  })
})
