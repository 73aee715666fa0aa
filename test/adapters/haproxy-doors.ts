import {
  type EdgeRoute,
  type RoutedEdge,
  type RoutedService,
  type RoutingModel,
} from '../../src/domain/routing.js'
import {freePort} from '../support/free-port.js'
import {type Upstream} from '../fakes/upstream.js'

import {type Answer, HaproxyPlayground, makeCertificate, serviceAt} from './haproxy-playground.js'

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
export const browser = {accept: 'text/html,application/xhtml+xml,*/*;q=0.8'}
export const closedMessage = 'Back at 17:00 (moving to the new hall).'

/** `Yard-Service: admin` as somebody on the outside might try to get it through, and what the host says to it. */
export const spoofs: [string, string, host: number][] = [
  ['as it is', 'Yard-Service: admin\r\n', 200],
  ['in capitals', 'YARD-SERVICE: ADMIN\r\n', 200],
  ['in small letters', 'yard-service: admin\r\n', 200],
  ['in mixed case', 'yArD-sErViCe: aDmIn\r\n', 200],
  ['twice', 'Yard-Service: admin\r\nyard-service: admin\r\n', 400],
  ['behind another', 'Yard-Service: open\r\nYard-Service: admin\r\n', 400],
  ['in a list', 'Yard-Service: open, admin\r\n', 400],
  ['first in a list', 'Yard-Service: admin,open\r\n', 400],
  ['on a folded line', 'Yard-Service: open\r\n , admin\r\n', 400],
  ['folded from the start', 'Yard-Service:\r\n admin\r\n', 200],
  ['with a space behind', 'Yard-Service: admin \r\n', 200],
  ['with a NUL behind', 'Yard-Service: admin\0\r\n', 404],
  ['with a NUL in between', 'Yard-Service: open\0admin\r\n', 404],
  ['with underscores', 'Yard_Service: admin\r\n', 404],
  ['with one underscore and mixed case', 'YARD_Service: admin\r\n', 404],
  ['in nine kilobytes', `Yard-Service: ${'a'.repeat(9_000)}\r\n`, 404],
  ['unknown', 'Yard-Service: nobody\r\n', 404],
  ['in quotes', 'Yard-Service: "admin"\r\n', 404],
  ['with a parameter', 'Yard-Service: admin;x\r\n', 404],
  ['as a backend', 'Yard-Service: svc_admin\r\n', 404],
  ['as a spare backend', 'Yard-Service: spare_000\r\n', 404],
  ['with a space before the colon', 'Yard-Service : admin\r\n', 400],
  ['empty', 'Yard-Service:\r\n', 404],
]

/** A HAProxy with a door for the host and doors for the outside, in front of one service for all and one for few. */
export class Doors {
  private constructor(
    readonly ground: HaproxyPlayground,
    readonly open: Upstream,
    readonly admin: Upstream,
    readonly ports: {host: number; statistics: number; http: number; https: number},
    readonly certificates: readonly string[],
  ) {}

  static async make(): Promise<Doors> {
    const ground = new HaproxyPlayground()
    const [open, admin] = [await ground.upstream('open'), await ground.upstream('admin')]
    const certificates = ['open.example.org', 'admin.example.org'].map((name) =>
      makeCertificate(ground.directory, name),
    )
    const [host, statistics] = [await freePort(), await freePort()]
    const [http, https] = [await freePort(), await freePort()]
    return new Doors(ground, open, admin, {host, statistics, http, https}, certificates)
  }

  edge(routes: EdgeRoute[], more: Partial<RoutedEdge> = {}): RoutedEdge {
    const at = (port: number) => ({address: '127.0.0.1', port})
    const {http, https} = this.ports
    return {http: at(http), https: at(https), redirectsToHttps: false, routes, maxBodyBytes: 1_000, ...more}
  }

  model(services: RoutedService[], more: Partial<RoutingModel> = {}): RoutingModel {
    return {listen: {address: '127.0.0.1', port: this.ports.host}, header: 'Yard-Service', services, ...more}
  }

  /** One service behind one public name. */
  async openOne(
    more: Partial<RoutedEdge>,
    certificates: readonly string[] = this.certificates,
  ): Promise<void> {
    const edge = this.edge([{host: 'open.example.org', path: '/', service: 'open'}], more)
    await this.ground.start(this.model([serviceAt('open', this.open)], {edge}), certificates)
    await this.ground.settled()
  }

  async openAll(): Promise<void> {
    const route = (host: string, path: string, service: string) => ({
      host: `${host}example.org`,
      path,
      service,
    })
    const routes = [
      route('open.', '/', 'open'),
      route('', '/', 'open'),
      route('', '/app', 'admin'),
      route('', '/app/open', 'open'),
      route('closed.', '/', 'closed'),
      route('empty.', '/', 'empty'),
    ]
    const services = [
      serviceAt('open', this.open),
      serviceAt('admin', this.admin),
      serviceAt('empty'),
      {...serviceAt('closed', this.open), maintenance: closedMessage},
    ]
    const statistics = {address: '127.0.0.1', port: this.ports.statistics}
    await this.ground.start(this.model(services, {statistics, edge: this.edge(routes)}), this.certificates)
    await this.ground.settled()
  }

  clear(): Promise<void> {
    return this.ground.clear()
  }
}

export function request(lines: string, host = 'open.example.org', target = '/x'): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines}Connection: close\r\n\r\n`
}

export function seenBy(answer: Answer | string): Record<string, string | undefined> {
  const body = typeof answer === 'string' ? (answer.split('\r\n\r\n')[1] ?? '') : answer.body
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)
  return (JSON.parse(json) as {headers: Record<string, string>}).headers
}
