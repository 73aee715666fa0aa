import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {maintenanceLines, mapText, publicLines, serviceLine} from '../../../src/domain/haproxy/map-lines.js'
import {parseMap} from '../../../src/domain/haproxy/parse.js'
import {usableModel} from '../../../src/domain/haproxy/usable-model.js'

import {validModels} from './models.js'

test('a public name ends with a slash, so that no name begins another by chance', () => {
  const routes = [
    {host: 'a.example.org', path: '/', service: 'a'},
    {host: 'a.example.org', path: '/b/c', service: 'b'},
  ]
  const edge = {http: {address: '10.0.0.1', port: 80}, redirectsToHttps: false, routes, maxBodyBytes: 1}

  expect(publicLines(edge)).toEqual([
    ['a.example.org/', 'a'],
    ['a.example.org/b/c/', 'b'],
  ])
})

test('the words of a maintenance are one word of a map', () => {
  const service = {name: 'a', healthPath: '/', servers: []}

  expect(maintenanceLines([{...service, maintenance: 'Back at 5 pm.'}, service])).toEqual([
    ['a', 'Back%20at%205%20pm.'],
  ])
})

test('what is written is what is read', () => {
  fc.assert(
    fc.property(validModels, (wanted) => {
      const {services, edge} = usableModel(wanted).model
      for (const lines of [
        services.map(serviceLine),
        maintenanceLines(services),
        edge ? publicLines(edge) : [],
      ])
        expect(parseMap(mapText(lines))).toEqual(lines)
    }),
  )
})
