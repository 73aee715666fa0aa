import {Flags} from '@oclif/core'

import {unfaithfulness} from '../domain/haproxy/faithful.js'
import {isVersionAtLeast} from '../domain/haproxy/version.js'
import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {type InstalledRouting, type RenderNeeds} from '../lifecycle/render/haproxy.js'
import {hostPlaces} from '../lifecycle/sidecar/units.js'
import {renderHaproxy} from '../templates/haproxy.js'
import {adminSocketHere, installedRouting} from './installed-routing.js'
import {findRouterProgram} from './open-router.js'
import {type Yard} from './yard.js'

export const outFlag = Flags.directory({
  helpValue: 'DIR',
  summary: 'write the files there instead of on the screen',
})

export const haproxyVersionFlag = Flags.custom({
  helpValue: 'VERSION',
  summary: 'the HAProxy it is for, such as 2.4; found out unless given',
  parse: async (input) => versionOf(input),
})()

/** What rendering needs of the world: nothing is changed, and a host is only asked when it is compared with. */
export async function renderNeeds(yard: Yard): Promise<RenderNeeds> {
  return {
    catalog: await yard.catalog(),
    report: yard.report,
    render: renderHaproxy,
    unfaithfulness,
    adminSocket: ({kind}) =>
      kind === 'local' ? adminSocketHere(yard) : `${hostPlaces.runtime}/haproxy.sock`,
    installed: (environment, host): Promise<InstalledRouting> => installedRouting(yard, environment, host),
    versionHere: async () => (await findRouterProgram(yard).catch(() => undefined))?.version,
  }
}

/** @throws YardError E_USAGE */
function versionOf(typed: string): string {
  if (/^[2-9]\.\d{1,2}(?:\.\d{1,4})?$/.test(typed) && isVersionAtLeast(typed, [2, 4])) return typed
  throw new YardError('E_USAGE', {
    what: `Can't render for the HAProxy ${printable(typed)}`,
    why: 'it is not a version from 2.4 on, such as 2.6 or 3.0.5',
    next: ['yard render haproxy --haproxy-version 2.6'],
  })
}
