import {expect, test} from '@jest/globals'

import {
  addCounts,
  type EndpointCounts,
  parseEndpointCounts,
} from '../../../src/domain/haproxy/endpoint-counts.js'

const heading =
  '# pxname,svname,qcur,scur,econ,eresp,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,'

test('reads servers by the names in the heading, and leaves out what is none', () => {
  const answer = [
    heading,
    'svc_hello,10.0.0.1:8000,1,2,3,4,0,100,5,6,7,0,',
    'svc_hello,BACKEND,9,9,9,9,9,9,9,9,9,9,',
    'svc_hello,10.0.0.2:8000,,,,,,,,,,,',
    'short,10.0.0.3:1',
    '',
  ].join('\n')

  expect([...parseEndpointCounts(answer)]).toEqual([
    ['10.0.0.1:8000', {connections: 3, answered: 118, refused: 6, failed: 14}],
    ['10.0.0.2:8000', {connections: 0, answered: 0, refused: 0, failed: 0}],
    ['10.0.0.3:1', {connections: 0, answered: 0, refused: 0, failed: 0}],
  ])
})

test('an endpoint that stands in two backends is counted once, with both', () => {
  const answer = [heading, 'a,10.0.0.1:1,0,1,0,0,0,1,0,0,0,0,', 'b,10.0.0.1:1,0,2,0,0,0,3,0,0,1,0,'].join(
    '\n',
  )

  expect(parseEndpointCounts(answer).get('10.0.0.1:1')).toEqual({
    connections: 3,
    answered: 5,
    refused: 0,
    failed: 1,
  })
})

test.each(['', 'nothing', '# other,columns\nx,y', heading])('of %j nothing is counted', (answer) => {
  expect(parseEndpointCounts(answer).size).toBe(0)
})

test('counts of several hosts are added', () => {
  const all = new Map<string, EndpointCounts>()
  addCounts(all, 'x', {connections: 1, answered: 2, refused: 1, failed: 3})
  addCounts(all, 'x', {connections: 10, answered: 20, refused: 2, failed: 30})

  expect(all.get('x')).toEqual({connections: 11, answered: 22, refused: 3, failed: 33})
})
