import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  complaintsOf,
  objectionIn,
  parseMaster,
  parseServersState,
  parseWorker,
} from '../../../src/domain/haproxy/answers.js'
import {serviceOfBackend} from '../../../src/domain/haproxy/names.js'
import {parseStatistics} from '../../../src/domain/haproxy/statistics.js'

const state = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_port
3 svc_hello 1 127.0.0.1:17081 127.0.0.1 2 0 100 1 67 15 17081
3 svc_hello 2 127.0.0.1:17083 127.0.0.1 0 1 0 1 0 1 17083
3 svc_hello 3 127.0.0.1:17084 127.0.0.1 2 8 100 1 0 1 17084
3 svc_hello torn
`

const master = `#<PID>          <type>          <reloads>       <uptime>        <version>
8179            master          3 [failed: 1]   0d00h00m01s     2.6.12-1+deb12u4
# workers
8182            worker          0               0d00h00m01s     2.6.12-1+deb12u4
`

const stat = `# pxname,svname,qcur,scur,status,check_status,
yard,FRONTEND,,1,OPEN,,
svc_hello,127.0.0.1:1,2,3,UP,L7OK,
svc_hello,127.0.0.1:2,0,0,UP 1/2,L7STS,
svc_hello,127.0.0.1:3,0,0,UP,INI,
svc_hello,127.0.0.1:4,0,1,DRAIN,* L7OK,
svc_hello,127.0.0.1:5,0,0,DOWN,L4CON,
svc_hello,127.0.0.1:6,0,0,MAINT,,
svc_hello,127.0.0.1:7,0,4,MAINT,,
svc_hello,BACKEND,0,3,UP,,
`

const known = {serviceOf: serviceOfBackend, hasPassed: () => false}

describe('answers of HAProxy', () => {
  test('say which worker runs, with which generation', () => {
    expect(parseWorker('Name: HAProxy\nPid: 8182\nnode: vm\ndescription: abc\n')).toEqual({
      pid: 8182,
      generation: 'abc',
    })
    expect(parseWorker('Pid: 8182\n')).toEqual({pid: 8182, generation: ''})
    expect(parseWorker('Unknown command')).toBeUndefined()
  })

  test('say how each server stands; lines that do not fit are left out', () => {
    const usual = {backend: 'svc_hello', address: '127.0.0.1'}

    expect(parseServersState(state)).toEqual([
      {
        ...usual,
        name: '127.0.0.1:17081',
        port: 17081,
        weight: 100,
        maintenance: false,
        draining: false,
        healthy: true,
      },
      {
        ...usual,
        name: '127.0.0.1:17083',
        port: 17083,
        weight: 0,
        maintenance: true,
        draining: false,
        healthy: false,
      },
      {
        ...usual,
        name: '127.0.0.1:17084',
        port: 17084,
        weight: 100,
        maintenance: false,
        draining: true,
        healthy: true,
      },
    ])
  })

  test('say how reloads went', () => {
    expect(parseMaster(master)).toMatchObject({reloads: 3, failed: 1})
    expect(parseMaster('')).toBeUndefined()
    const workers = [
      '# workers',
      '12  worker  0  0d',
      '# old workers',
      '10  worker  1  0d',
      '9  worker  3  0d',
    ]
    expect(parseMaster(['8  master  3 [failed: 0]  0d', ...workers].join('\n'))).toEqual({
      ...{reloads: 3, failed: 0, worker: 12, oldWorkers: [9, 10]},
    })
  })

  test('name what haproxy -c objects to', () => {
    const output =
      '[NOTICE]   (7) : haproxy version is 2.6.12\n[ALERT]    (7) : config : parsing [a:2]: unknown x\n'
    expect(objectionIn(output)).toBe('config : parsing [a:2]: unknown x')
    expect(objectionIn('Configuration file is valid')).toBeUndefined()
  })

  test('count as complaints unless they are known to be good', () => {
    expect(complaintsOf('\n[6]: New server registered.\n\n[5]: Server deleted.\n')).toEqual([])
    expect(complaintsOf('\nNew server registered.\n\nServer deleted.\n')).toEqual([])
    expect(complaintsOf('\nNo such server.\n')).toEqual(['No such server.'])
    expect(complaintsOf('\n[3]: No such server.\n')).toEqual(['[3]: No such server.'])
    expect(complaintsOf('[6]: Unknown command, but maybe')).toHaveLength(1)
  })

  test('give health and load by service and endpoint', () => {
    const rows = parseStatistics(stat, known).map(({endpoint, healthy, connections}) => [
      endpoint,
      healthy,
      connections,
    ])

    expect(rows).toEqual([
      ['127.0.0.1:1', true, 5],
      ['127.0.0.1:2', true, 0],
      ['127.0.0.1:3', false, 0],
      ['127.0.0.1:4', true, 1],
      ['127.0.0.1:5', false, 0],
      ['127.0.0.1:7', false, 4],
    ])
  })

  test('believe a server that passed a check before HAProxy made one, and know who is on a spare backend', () => {
    const fresh = '# pxname,svname,qcur,scur,status,check_status\nspare_003,10.0.0.1:1,0,0,UP,INI\n'
    const serviceOf = (backend: string) => (backend === 'spare_003' ? 'hello' : undefined)
    const trusted = parseStatistics(fresh, {serviceOf, hasPassed: (service) => service === 'hello'})
    expect(trusted).toEqual([{service: 'hello', endpoint: '10.0.0.1:1', healthy: true, connections: 0}])
    expect(parseStatistics(fresh, {serviceOf, hasPassed: () => false})).toMatchObject([{healthy: false}])
    expect(parseStatistics(fresh, known)).toEqual([])
  })

  test('never make a reader throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(stat.length), (noise, cut) => {
        for (const text of [noise, stat.slice(0, cut) + noise, state.slice(0, cut) + noise]) {
          parseStatistics(text, known)
          parseServersState(text)
          parseMaster(text)
          parseWorker(text)
        }
      }),
    )
  })
})
