import {describe, expect, test} from '@jest/globals'

import {redirected, redirectTarget} from '../../../src/domain/smoke/redirects.js'

const request = {
  method: 'POST',
  url: new URL('http://a.example/x'),
  headers: [
    ['Authorization', 'Bearer abc'],
    ['Content-Type', 'text/plain'],
    ['X-Key', 'sesame'],
    ['X-Plain', '1'],
  ] as [string, string][],
  cookies: ['a=b'],
  body: Buffer.from('text with sesame'),
}
const holdsSecret = (text: string) => text.includes('sesame')

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [303, 'PUT', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [302, 'PUT', 'PUT'],
  [302, 'DELETE', 'DELETE'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
])('after %d a %s becomes a %s', (status, method, next) => {
  const {request: after, dropped} = redirected(
    {...request, method},
    status,
    new URL('http://a.example/y#z'),
    holdsSecret,
  )

  expect(after.method).toBe(next)
  expect(after.url.href).toBe('http://a.example/y')
  expect(after.body).toEqual(next === method ? request.body : undefined)
  expect(after.headers.some(([name]) => name === 'Content-Type')).toBe(next === method)
  expect(after.headers).toContainEqual(['Authorization', 'Bearer abc'])
  expect(dropped).toEqual([])
})

test.each(['https://a.example/x', 'http://b.example/x', 'http://a.example:81/x', 'http://b.a.example/x'])(
  'to %s no credential goes along',
  (target) => {
    const {request: after, dropped} = redirected(request, 307, new URL(target), holdsSecret)

    expect(after.headers).toEqual([
      ['Content-Type', 'text/plain'],
      ['X-Plain', '1'],
    ])
    expect(after.cookies).toEqual([])
    expect(after.body).toBeUndefined()
    expect(dropped).toEqual(['Authorization', 'X-Key', 'Cookie', 'the body'])
  },
)

describe('the target', () => {
  const from = new URL('http://a.example/b/c?d')

  test.each([
    ['/x', 'http://a.example/x'],
    ['x', 'http://a.example/b/x'],
    ['?y', 'http://a.example/b/c?y'],
    ['//e.example/x', 'http://e.example/x'],
    ['https://e.example/', 'https://e.example/'],
  ])('of %s is %s', (location, target) => {
    expect(redirectTarget(302, location, from)?.href).toBe(target)
  })

  test('is none without a location, with a wrong one, or with another status', () => {
    expect(redirectTarget(302, undefined, from)).toBeUndefined()
    expect(redirectTarget(302, 'http://[', from)).toBeUndefined()
    expect(redirectTarget(304, '/x', from)).toBeUndefined()
    expect(redirectTarget(200, '/x', from)).toBeUndefined()
  })
})
