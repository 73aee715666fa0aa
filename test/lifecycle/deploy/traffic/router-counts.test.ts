import {expect, test} from '@jest/globals'

import {answersIn, countsAt, isIdleIn} from '../../../../src/lifecycle/deploy/traffic/router-counts.js'
import {anInstance} from '../../../fakes/records.js'

const heading =
  '# pxname,svname,qcur,scur,econ,eresp,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,'
const server = (connections: number, answered: number) =>
  `${heading}\nhello,127.0.0.1:21001,0,${connections},0,0,0,${answered},0,0,0,0,\n`
const processes = [
  '#<PID>          <type>          <reloads>       <uptime>        <version>',
  '100             master          1               0d00h01m08s     2.6.12-1',
  '# workers',
  '102             worker          0               0d00h00m02s     2.6.12-1',
  '# old workers',
  '101             worker          1               0d00h01m06s     2.6.12-1',
].join('\n')

test('D6 requests that a reload has left with the worker before count as under way', async () => {
  const counts = await countsAt(async (socket, line) => {
    if (socket === 'admin') return server(0, 5)
    if (line === 'show proc') return processes
    return line === '@!101 show stat -1 4 -1' ? server(2, 900) : undefined
  })

  expect(isIdleIn(counts, anInstance())).toBe(false)
  expect(answersIn(counts, [anInstance()]).get('hello-r1@localhost')).toEqual({
    answered: 5,
    refused: 0,
    failed: 0,
  })
})

test('without requests anywhere an instance is idle, and so is one without a port', async () => {
  const counts = await countsAt(async (socket) => (socket === 'admin' ? server(0, 5) : undefined))

  expect(isIdleIn(counts, anInstance())).toBe(true)
  expect(isIdleIn(counts, {address: '127.0.0.1', port: undefined})).toBe(true)
})

test('where no HAProxy answers nothing is counted', async () => {
  expect((await countsAt(async () => undefined)).size).toBe(0)
})
