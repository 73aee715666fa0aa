import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {maintenanceMessagePattern} from '../../src/domain/maintenance.js'
import {aService} from '../fakes/records.js'
import {environmentName, type Placed} from '../support/network/fleet.js'
import {hostileValues} from '../support/network/hostile-values.js'
import {type NetworkHost} from '../support/network/hosts.js'
import {describeOnFleet} from '../support/network/on-fleet.js'

const services = ['billing', 'orders']
const instant = '2026-11-20T12:00:00.000Z'
const written = {addedBy: 'ada@laptop', addedAt: instant}
const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1_000_000}
let billing: Placed[] = []

/** What somebody writes straight into the store: for each value a record that holds it in one field. */
const plants: Record<string, (value: string, index: number) => {key: string; record: unknown}> = {
  'the address of an instance': (address, index) => instance(index, {address}),
  'the port of an instance': (port, index) => instance(index, {port}),
  'the service of an instance': (service, index) => instance(index, {service}),
  'the name of a service': (name, index) => service(index, {name}),
  'the health path of a service': (path, index) => service(index, {health: {...aService().health, path}}),
  'the host of a public route': (host, index) => route(index, {host}),
  'the path of a public route': (path, index) => route(index, {path}),
  'the service of a public route': (value, index) => route(index, {service: value}),
  'the message of a maintenance': (message, index) => maintenance(index, {message}),
}

/** What is sound there, and means nothing else than it says. */
const allowed: Record<string, readonly string[]> = {
  'the health path of a service': ['/var/run/docker.sock'],
  'the path of a public route': ['/var/run/docker.sock'],
  'the host of a public route': ['0x7f.1', 'no-such-host.invalid'],
  'the message of a maintenance': hostileValues.filter((value) => maintenanceMessagePattern.test(value)),
}

describeOnFleet(
  'records that somebody wrote straight into the store',
  {hosts: 1, environment: {edge}, hostRecords: {'web-1': {edge: true}}},
  async (fleet) => {
    billing = await fleet.addService('billing', 3)
    await fleet.addService('orders', 1)
    for (const host of fleet.hosts) fleet.startSidecar(host)
    for (const service of services) await fleet.serves(service)
  },
  (fleet) => {
    test('there are 44 values, all different', () => {
      expect(new Set(hostileValues).size).toBe(44)
    })

    test.each(Object.keys(plants))(
      'as %s none of 44 values reaches HAProxy, and each is named',
      async (field) => {
        const [host] = fleet().hosts
        const load = await fleet().load(services)
        const [text, running] = [configuration(host!), await runningServers(host!)]
        const planted = hostileValues
          .filter((value) => allowed[field]?.includes(value) !== true)
          .map((value, index) => plants[field]!(value, index))
        await fleet().write(planted.map(({key, record}) => ({put: key, value: JSON.stringify(record)})))
        await fleet().untilHere(host!, 'names each of them', ({skipped}) =>
          planted.every(({key}) => skipped.some((line) => line.startsWith(`${key}: `))),
        )
        const status = await host!.yard(['sidecar', 'status', '--env', environmentName])
        expect(status).toMatchObject({code: 0, stdout: expect.stringContaining(planted[0]!.key)})
        expect(status.stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
        // Something that is sound changes meanwhile, and is followed.
        const [first] = billing
        await fleet().write(fleet().instanceWrite({...first!.record, weight: 50}))
        await fleet().until('the weight is followed', () => configuration(host!) !== text)
        await fleet().write(fleet().instanceWrite(first!.record))
        await fleet().until('the configuration is what it was', () => configuration(host!) === text)
        expect(await runningServers(host!)).toEqual(running)
        expect(configuration(host!)).toMatch(/^[\x20-\x7e\n]*$/)
        await fleet().write(planted.map(({key}) => ({delete: key})))
        await fleet().untilHere(host!, 'names none of them', ({skipped}) => skipped.length === 0)
        expect(await load.lost()).toEqual([])
      },
    )
  },
)

function instance(index: number, changes: object): {key: string; record: unknown} {
  const [{record}] = billing as [Placed]
  const host = `bad-${index + 1}`
  const id = `billing-r1@${host}`
  return {key: keys.instance(environmentName, 'billing', id), record: {...record, id, host, ...changes}}
}

function service(index: number, changes: object): {key: string; record: unknown} {
  const name = `bad-${index + 1}`
  return {key: keys.service(name), record: {...aService({name}), ...changes}}
}

function route(index: number, changes: object): {key: string; record: unknown} {
  const host = `bad-${index + 1}.example.org`
  const record = {v: 1, environment: environmentName, host, path: '/', service: 'billing', ...written}
  return {key: keys.publicRoute(environmentName, host, '/'), record: {...record, ...changes}}
}

function maintenance(index: number, changes: object): {key: string; record: unknown} {
  const name = `bad-${index + 1}`
  const record = {v: 1, environment: environmentName, service: name, since: instant, by: 'ada@laptop'}
  return {key: keys.maintenance(environmentName, name), record: {...record, ...changes}}
}

/** All that HAProxy reads. */
function configuration(host: NetworkHost): string {
  const directory = host.path('/var/lib/yard/haproxy')
  return readdirSync(directory)
    .filter((name) => /\.(?:cfg|map|list)$/.test(name))
    .sort()
    .map((name) => readFileSync(path.join(directory, name), 'latin1'))
    .join('\n')
}

/** Backend, server and address of each, as HAProxy says. */
async function runningServers(host: NetworkHost): Promise<string[]> {
  const answer = await host.askSocket('/run/yard/haproxy.sock', 'show servers state')
  return answer
    .split('\n')
    .map((line) => line.split(' '))
    .filter((words) => /^\d+$/.test(words[0] ?? ''))
    .map((words) => [words[1], words[3], words[4], words[18]].join(' '))
    .sort()
}
