import {describe, expect, test} from '@jest/globals'

import {isPermittedAddress, refusalOf} from '../../../src/domain/smoke/network-policy.js'

const policy = {
  baseOrigin: 'http://hello.localhost:7070',
  allowedHosts: ['api.example', 'other.example:8443'],
}

describe('a request may go', () => {
  test.each([
    'http://hello.localhost:7070/x',
    'http://127.0.0.1:1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://127.9.9.9/',
    'http://localhost./',
    'http://[::1]:8080/',
    'http://any.localhost/',
    'https://api.example/',
    'http://API.example:99/',
    'https://other.example:8443/',
  ])('to %s', (url) => {
    expect(refusalOf(new URL(url), policy)).toBeUndefined()
  })

  test('to base_url wherever it is', () => {
    expect(
      refusalOf(new URL('https://staging.example/x'), {...policy, baseOrigin: 'https://staging.example'}),
    ).toBeUndefined()
  })
})

describe('a request may not go', () => {
  test.each([
    'http://elsewhere.example/',
    'http://hello.localhost.evil.example:7070/',
    'http://api.example.evil/',
    'https://other.example/',
    'http://10.0.0.1/',
    'http://[fd12::1]/',
    'http://169.254.169.254\\@good.com/',
    'http:/169.254.169.254/',
    'http://user@169.254.169.254/',
    'http://user:pw@127.0.0.1/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:70/',
  ])('to %s', (url) => {
    expect(refusalOf(new URL(url), policy)).toEqual(expect.any(String))
  })

  test.each([
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '①⑥⑨.254.169.254',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[::a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::1]',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0:0:0:0:254]',
    '[fe80::1]',
    '169.254.170.2',
    '100.100.100.200',
  ])('to %s even when it is allowed by name', (host) => {
    const url = new URL(`http://${host}/`)
    const allowing = {
      baseOrigin: url.origin,
      allowedHosts: [url.hostname, url.hostname.replace(/[[\]]/g, '')],
    }

    expect(refusalOf(url, allowing)).toContain('never allowed')
  })
})

test.each([
  ['169.254.169.254', false],
  ['::ffff:169.254.169.254', false],
  ['fe80::1%eth0', false],
  ['fd00:ec2::254', false],
  ['127.0.0.1', true],
  ['::1', true],
  ['10.0.0.1', true],
  ['2001:db8::1', true],
  ['fd00:ec3::1', true],
  ['::ffff:10.0.0.1', true],
  ['1:2:3:4:5:6:7:8', true],
])('the address %s is permitted: %s', (address, isPermitted) => {
  expect(isPermittedAddress(address)).toBe(isPermitted)
})
