import {expect, test} from '@jest/globals'

import {parseServersState} from '../../../src/domain/haproxy/answers.js'
import {downStates, noServerStates} from '../../../src/domain/haproxy/server-states.js'

const columns = [
  ...['be_id', 'be_name', 'srv_id', 'srv_name', 'srv_addr', 'srv_op_state', 'srv_admin_state', 'srv_uweight'],
  ...[
    'srv_iweight',
    'srv_time_since_last_change',
    'srv_check_status',
    'srv_check_result',
    'srv_check_health',
  ],
  ...['srv_check_state', 'srv_agent_state', 'bk_f_forced_id', 'srv_f_forced_id', 'srv_fqdn', 'srv_port'],
  ...['srvrecord', 'srv_use_ssl', 'srv_check_port', 'srv_check_addr', 'srv_agent_addr', 'srv_agent_port'],
]

test('a server that is held back is down, and is otherwise what the new configuration says', () => {
  const service = {name: 'hello'}
  const [version, ...lines] = downStates([
    {service, server: {address: '10.0.0.1', port: 80, state: 'up', weight: 7}},
    {service, server: {address: '10.0.0.2', port: 81, state: 'draining', weight: 7}},
  ]).split('\n')
  const shown = {backend: 'svc_hello', maintenance: false, draining: false, healthy: false}

  expect(version).toBe('1')
  expect(parseServersState([`# ${columns.join(' ')}`, ...lines].join('\n'))).toEqual([
    {...shown, name: '10.0.0.1:80', address: '10.0.0.1', port: 80, weight: 7},
    {...shown, name: '10.0.0.2:81', address: '10.0.0.2', port: 81, weight: 0},
  ])
})

test('nobody is held back by a file that is empty but for its version', () => {
  expect(downStates([])).toBe(noServerStates)
})
