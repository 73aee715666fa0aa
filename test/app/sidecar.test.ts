import {expect, test} from '@jest/globals'

import {sidecarPlaces} from '../../src/app/sidecar.js'

const request = {environment: 'staging', host: 'web-1'}

test('each host of each environment has a place of its own below the state directory', () => {
  expect(sidecarPlaces('/s', request)).toEqual({
    routing: '/s/sidecar/staging/web-1/haproxy',
    stateFile: '/s/sidecar/staging/web-1/followed.json',
    processes: '/s/sidecar/staging/web-1/processes',
    runtime: '/s/sidecar/staging/web-1/run',
  })
})

test('under systemd the places are those of the units', () => {
  const places = sidecarPlaces('/s', {...request, directory: '/var/lib/yard', runtimeDirectory: '/run/yard'})
  expect(places).toMatchObject({routing: '/var/lib/yard/haproxy', runtime: '/run/yard'})
})

test('sockets get a short directory when the state directory is deep', () => {
  const {runtime} = sidecarPlaces(`/${'d'.repeat(60)}`, request)
  expect(runtime.length).toBeLessThanOrEqual(68)
})
