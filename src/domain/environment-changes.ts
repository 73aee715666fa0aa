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
  {name, order, personal, protected: isProtected, routing}: DeclaredEnvironment,
  present: Environment | undefined,
): Environment {
  if (name === localEnvironmentName) {
    const local = present ?? localEnvironment()
    return {...local, router: {...local.router, ...routing}}
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
  }
}

export function declaredHostRecord(environment: string, declared: DeclaredHost): Host {
  const {address, description, name, zone} = declared
  return {
    v: 1,
    name,
    environment,
    address,
    description,
    ...(zone !== undefined && {zone}),
    declared: true,
  }
}

function environmentFields(environment: Environment): Map<string, string> {
  const {declared, order, personal, protected: isProtected, router} = environment
  return fieldTexts({
    order,
    protected: isProtected === true ? true : undefined,
    personal: personal === true ? true : undefined,
    declared: declared === true ? true : undefined,
    'routing.address': router.address,
    'routing.header': router.header,
    'routing.port': router.port,
  })
}

function hostFields({address, declared, description, zone}: Host): Map<string, string> {
  return fieldTexts({
    address,
    zone,
    description: description === '' ? undefined : description,
    declared: declared === true ? true : undefined,
  })
}
