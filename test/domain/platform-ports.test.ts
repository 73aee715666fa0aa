import {describe, expect, test} from '@jest/globals'

import {checkPlatformFile} from '../../src/domain/platform-file.js'

const file = '/srv/platform/yard.yaml'

function problemsOf(value: unknown): string[] {
  const checked = checkPlatformFile(value, file)
  if (checked.ok) return []
  return checked.problems.map(({message, path}) => `${path.join('.')} ${message}`)
}

function platformOf(value: unknown) {
  const checked = checkPlatformFile(value, file)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.value
}

describe('the routing and the edge of an environment', () => {
  const certificates = '/etc/yard/certificates'
  const environment = (value: object) => platformOf({environments: {staging: value}}).environments[0]
  const staging = (value: object) => ({environments: {staging: value}})

  test('are filled in: HTTPS where there are certificates, and HTTP is sent there', () => {
    expect(environment({edge: {}})?.edge).toEqual({
      httpPort: 80,
      redirect: false,
      maxBodyBytes: 10 * 1024 ** 2,
    })
    expect(environment({edge: {certificates}})?.edge).toEqual({
      httpPort: 80,
      httpsPort: 443,
      certificates,
      redirect: true,
      maxBodyBytes: 10 * 1024 ** 2,
    })
    const all = {
      httpPort: 8080,
      httpsPort: 8443,
      certificates,
      redirect: false,
      requestsPerMinute: 600,
      maxBody: '500kB',
    }
    expect(environment({edge: all})?.edge).toEqual({
      httpPort: 8080,
      httpsPort: 8443,
      certificates,
      redirect: false,
      requestsPerMinute: 600,
      maxBodyBytes: 512_000,
    })
  })

  test('take what the platform says of statistics and scope unless they say it themselves', () => {
    const {environments} = platformOf({
      routing: {statisticsPort: 9000, scope: 'consumers'},
      environments: {staging: {}, production: {routing: {statisticsPort: 9001, scope: 'all'}}},
    })
    expect(environments.map(({routing}) => [routing.statisticsPort, routing.scope])).toEqual([
      [9000, 'consumers'],
      [9001, 'all'],
    ])
  })

  test('hosts face the outside only when they say so', () => {
    const hosts = {'edge-1': {address: '10.0.0.20', edge: true}, 'web-1': {address: '10.0.0.11', edge: false}}
    expect(environment({edge: {}, hosts})?.hosts.map(({edge}) => edge)).toEqual([true, undefined])
  })

  test.each([
    [staging({edge: {httpsPort: 443}}), 'environments.staging.edge.httpsPort needs certificates'],
    [staging({edge: {redirect: true}}), 'environments.staging.edge.redirect leads nowhere without HTTPS'],
    [
      staging({edge: {certificates, httpPort: 443}}),
      'environments.staging.edge.httpPort is 443, as httpPort is',
    ],
    [
      staging({edge: {certificates, httpPort: 81, httpsPort: 81}}),
      'environments.staging.edge.httpsPort is 81, as httpPort is',
    ],
    [staging({edge: {httpPort: 7070}}), 'environments.staging.edge.httpPort is the port of the routing'],
    [
      staging({edge: {httpPort: 7071}}),
      "environments.staging.edge.httpPort is the port of HAProxy's figures",
    ],
    [
      staging({edge: {certificates}, routing: {port: 443}}),
      'environments.staging.edge has httpsPort 443, which is the port of the routing',
    ],
    [
      staging({edge: {}, routing: {port: 79}}),
      'environments.staging.edge has httpPort 80, which is the port of HAP',
    ],
    [
      staging({edge: {certificates: 'certs'}}),
      'environments.staging.edge.certificates must be an absolute path',
    ],
    [
      staging({edge: {certificates: '/etc/../x'}}),
      'environments.staging.edge.certificates must be an absolute path',
    ],
    [
      staging({edge: {certificates: '/a b'}}),
      'environments.staging.edge.certificates must be an absolute path',
    ],
    [
      staging({edge: {certificates: '/a\nbind :1'}}),
      'environments.staging.edge.certificates must be an absolute',
    ],
    [staging({edge: {maxBody: '0MB'}}), 'environments.staging.edge.maxBody must be a size'],
    [staging({edge: {maxBody: 10}}), 'environments.staging.edge.maxBody must be a size'],
    [
      staging({edge: {requestsPerMinute: 0}}),
      'environments.staging.edge.requestsPerMinute must be a whole number',
    ],
    [staging({edge: {httpPort: 0}}), 'environments.staging.edge.httpPort must be a port number'],
    [staging({edge: {tls: true}}), 'environments.staging.edge.tls is not a key of yard.yaml'],
    [
      staging({hosts: {'web-1': {address: '10.0.0.1', edge: true}}}),
      'environments.staging.hosts.web-1.edge needs an edge: group',
    ],
    [
      staging({routing: {statisticsPort: 7070}}),
      'environments.staging.routing.statisticsPort is the port of the',
    ],
    [
      {routing: {statisticsPort: 7_100}, environments: {staging: {routing: {port: 7_100}}}},
      'environments.staging.routing.port is the statisticsPort of the routing',
    ],
    [{routing: {statisticsPort: 7070}}, 'routing.statisticsPort is the port of the routing'],
    [{routing: {scope: 'some'}}, 'routing.scope must be all or consumers'],
    [{environments: {local: {edge: {}}}}, "environments.local.edge can't be set: local is this machine"],
  ])('that can not be true are refused: %j', (value, problem) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining(problem)])
  })
})
