import {type Environment, type Host, localEnvironment, localEnvironmentName} from './environment.js'
import {type FieldChange, fieldChanges, fieldTexts} from './field-changes.js'
import {type DeclaredEnvironment, type DeclaredHost} from './platform-file.js'

/** What differs between two records of an environment, in words for people. */
export function environmentChanges(before: Environment | undefined, after: Environment): FieldChange[] {
  return fieldChanges(before === undefined ? new Map() : environmentFields(before), environmentFields(after))
}

/** What differs between two records of a host, in words for people. */
export function hostChanges(before: Host | undefined, after: Host): FieldChange[] {
  return fieldChanges(before === undefined ? new Map() : hostFields(before), hostFields(after))
}

/** The record that a declaration asks for. Of `local` only the routing is declared; yard itself made the rest. */
export function declaredEnvironmentRecord(
  {edge, name, order, personal, protected: isProtected, routing}: DeclaredEnvironment,
  present: Environment | undefined,
): Environment {
  if (name === localEnvironmentName) {
    const local = present ?? localEnvironment()
    return {...local, router: {address: local.router.address, ...routing}}
  }
  return {
    v: 1,
    name,
    kind: 'hosts',
    order,
    ...(isProtected && {protected: true}),
    ...(personal && {personal: true}),
    declared: true,
    router: {address: '127.0.0.1', ...routing},
    ...(edge !== undefined && {edge}),
  }
}

/** The record that a declaration asks for, with what was learned of the machine since. */
export function declaredHostRecord(
  environment: string,
  declared: DeclaredHost,
  present: Host | undefined,
): Host {
  const {address, description, edge, name, zone} = declared
  return {
    v: 1,
    name,
    environment,
    address,
    description,
    ...(zone !== undefined && {zone}),
    ...(edge === true && {edge: true}),
    ...learnedOf(present, address),
    declared: true,
  }
}

/**
 * What was learned of the machine itself stays for as long as the address does: behind another one is another machine
 * until proven otherwise.
 */
export function learnedOf(present: Host | undefined, address: string): Pick<Host, 'sshKeys' | 'user'> {
  if (present === undefined || present.address !== address) return {}
  const {sshKeys, user} = present
  return {...(sshKeys !== undefined && {sshKeys}), ...(user !== undefined && {user})}
}

/** `10 MB`; bytes where it's no whole number of a larger unit. */
export function sizeText(bytes: number): string {
  if (bytes >= 1024 ** 2 && bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2} MB`
  return bytes % 1024 === 0 ? `${bytes / 1024} kB` : `${bytes} bytes`
}

function environmentFields(environment: Environment): Map<string, string> {
  const {declared, edge, order, personal, protected: isProtected, router} = environment
  return fieldTexts({
    order,
    protected: isProtected === true ? true : undefined,
    personal: personal === true ? true : undefined,
    declared: declared === true ? true : undefined,
    'routing.address': router.address,
    'routing.header': router.header,
    'routing.port': router.port,
    'routing.statisticsPort': router.statisticsPort,
    'routing.scope': router.scope,
    'edge.httpPort': edge?.httpPort,
    'edge.httpsPort': edge?.httpsPort,
    'edge.certificates': edge?.certificates,
    'edge.redirect': edge?.redirect,
    'edge.requestsPerMinute': edge?.requestsPerMinute,
    'edge.maxBody': edge && sizeText(edge.maxBodyBytes),
  })
}

function hostFields({
  address,
  declared,
  description,
  edge,
  sshKeys = [],
  user,
  zone,
}: Host): Map<string, string> {
  return fieldTexts({
    address,
    zone,
    description: description === '' ? undefined : description,
    edge: edge === true ? true : undefined,
    sshKeys: sshKeys.length === 0 ? undefined : `${sshKeys.length} pinned`,
    user,
    declared: declared === true ? true : undefined,
  })
}
