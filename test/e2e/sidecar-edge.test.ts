import {execFileSync} from 'node:child_process'
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {type Write} from '../../src/contracts/store.js'
import {environmentName, type Fleet} from '../support/network/fleet.js'
import {type NetworkHost} from '../support/network/hosts.js'
import {describeOnFleet} from '../support/network/on-fleet.js'
import {type RawAnswer, rawRequest} from '../support/network/raw-request.js'

const publicHost = 'www.example.org'
const otherHost = 'shop.example.org'
const certificates = '/run/certificates'
const edge = {httpPort: 80, httpsPort: 443, certificates, redirect: false, maxBodyBytes: 1_000_000}

/** R3: what callers may try to say in the name of the routing header, line by line as it goes over the wire. */
const spoofs: Record<string, string[]> = {
  'as it is written': ['Yard-Service: orders'],
  'in small letters': ['yard-service: orders'],
  'in capital letters': ['YARD-SERVICE: orders'],
  'in mixed letters': ['yArD-sErViCe: orders'],
  twice: ['Yard-Service: orders', 'Yard-Service: orders'],
  'twice, with two names': ['Yard-Service: billing', 'yard-service: orders'],
  'as a list': ['Yard-Service: billing, orders'],
  'with a folded value': ['Yard-Service: bil', ' ling, orders'],
  'with a folded name': ['Yard-Service:', ' orders'],
  'with a space at the end': ['Yard-Service: orders '],
  'with a space before the colon': ['Yard-Service : orders'],
  'with a NUL': ['Yard-Service: or\0ders'],
  'with an underscore': ['Yard_Service: orders'],
  'with 9 kB': [`Yard-Service: ${'orders'.repeat(1_536)}`],
  'with an unknown service': ['Yard-Service: admin'],
  'with no value': ['Yard-Service:'],
}

/** Where one of them may lead inside: to the service that it names once and plainly, or nowhere. */
const reachesOrders = new Set([
  'as it is written',
  'in small letters',
  'in capital letters',
  'in mixed letters',
  'with a folded name',
  'with a space at the end',
])

describeOnFleet(
  'an edge host and its neighbour',
  {hosts: 2, environment: {edge}, hostRecords: {'web-1': {edge: true}}},
  async (fleet) => {
    const [web1] = fleet.hosts
    mkdirSync(web1!.path(certificates))
    for (const name of [publicHost, otherHost]) makeCertificate(web1!, name)
    await fleet.addService('billing', 2)
    await fleet.addService('orders', 2)
    await fleet.write([publicHost, otherHost].map((host) => route(fleet, host)))
    for (const host of fleet.hosts) fleet.startSidecar(host)
    for (const service of ['billing', 'orders']) await fleet.serves(service)
  },
  (fleet) => {
    const ask = async (host: NetworkHost, port: number, headers: string[], serverName?: string) =>
      rawRequest({port: await host.door(port), headers, ...(serverName !== undefined && {serverName})})

    test.each(Object.keys(spoofs))('R3 the routing header %s never leads past a host', async (how) => {
      for (const host of fleet().hosts) {
        const answer = await ask(host, 7_070, ['Host: localhost', ...spoofs[how]!])
        if (answer.status === 200) {
          expect(reachesOrders).toContain(how)
          expect(who(answer)).toMatch(/^orders-/)
        } else {
          expect(answer.status).toBeGreaterThanOrEqual(400)
          expect(answer.status).toBeLessThan(500)
        }
      }
    })

    test.each(Object.keys(spoofs))('R3 the routing header %s is nothing to the edge', async (how) => {
      const [web1] = fleet().hosts
      for (const [port, serverName] of [
        [80, undefined],
        [443, publicHost],
      ] as const) {
        const answer = await ask(web1!, port, [`Host: ${publicHost}`, ...spoofs[how]!], serverName)
        if (answer.status !== 200) {
          expect(answer.status).toBe(400)
          continue
        }
        expect(who(answer)).toMatch(/^billing-/)
        expect(
          seen(answer).filter(([name, value]) => /^yard.service$/i.test(name) || value.includes('orders')),
        ).toEqual([])
      }
    })

    test('R3 an unknown service, and an unknown public name, are told so', async () => {
      const [web1, web2] = fleet().hosts
      for (const host of [web1!, web2!]) {
        expect((await ask(host, 7_070, ['Host: localhost', 'Yard-Service: nobody'])).status).toBe(404)
        expect((await ask(host, 7_070, ['Host: localhost'])).status).toBe(404)
      }
      expect((await ask(web1!, 80, ['Host: nobody.example.org', 'Yard-Service: orders'])).status).toBe(404)
      expect((await ask(web1!, 80, ['Host: orders.localhost'])).status).toBe(404)
      await expect(ask(web2!, 80, [`Host: ${publicHost}`])).resolves.toMatchObject({status: 0})
    })

    test('a certificate that broke is named, and the names of the others are served with theirs', async () => {
      const [web1] = fleet().hosts
      const load = await fleet().load(['billing', 'orders'])
      const shown = async (name: string) => (await ask(web1!, 443, [`Host: ${name}`], name)).fingerprint
      const before = await shown(publicHost)
      const broken = web1!.path(path.join(certificates, `${otherHost}.pem`))
      writeFileSync(broken, 'not a certificate any more\n')
      await fleet().untilHere(web1!, 'names it', ({skipped}) =>
        skipped.some((line) => line.includes(`${otherHost}.pem`)),
      )
      expect((await fleet().status(web1!)).text).toContain(`${otherHost}.pem`)
      expect(await shown(publicHost)).toBe(before)
      expect((await ask(web1!, 443, [`Host: ${publicHost}`], publicHost)).status).toBe(200)
      makeCertificate(web1!, otherHost)
      await fleet().untilHere(web1!, 'names nothing', ({skipped}) => skipped.length === 0)
      expect(await load.lost()).toEqual([])
    })

    test('a certificate that was renewed is shown', async () => {
      const [web1] = fleet().hosts
      const load = await fleet().load(['billing', 'orders'])
      const shown = async () => (await ask(web1!, 443, [`Host: ${publicHost}`], publicHost)).fingerprint
      const before = await shown()
      makeCertificate(web1!, publicHost)
      await fleet().until('the new certificate is shown', async () => (await shown()) !== before, 40_000)
      expect(await load.lost()).toEqual([])
    })
  },
)

function route(fleet: Fleet, host: string): Write {
  const record = {v: 1, environment: environmentName, host, path: '/', service: 'billing'} as const
  const written = {addedBy: 'ada@laptop', addedAt: '2026-11-20T12:00:00.000Z'}
  return fleet.catalog.publicRoutes.put(keys.publicRoute(environmentName, host, '/'), {...record, ...written})
}

/** Puts a new one, with its key, where the edge looks for it. */
function makeCertificate(host: NetworkHost, name: string): void {
  const file = host.path(path.join(certificates, `${name}.pem`))
  const [key, certificate] = [`${file}.key`, `${file}.crt`]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', certificate], {stdio: 'ignore'})
  writeFileSync(file, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'), {mode: 0o600})
  for (const part of [key, certificate]) rmSync(part)
}

/** The instance that answered. */
function who({body}: RawAnswer): string {
  return (JSON.parse(jsonOf(body)) as {name: string}).name
}

/** The headers that the instance saw. */
function seen({body}: RawAnswer): [string, string][] {
  return Object.entries((JSON.parse(jsonOf(body)) as {headers: Record<string, string>}).headers)
}

/** Without the sizes of its chunks. */
function jsonOf(body: string): string {
  return body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)
}
