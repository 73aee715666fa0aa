import {readFile} from 'node:fs/promises'
import path from 'node:path'

import {type HostRouter} from '../contracts/host-router.js'
import {type RouterHost} from '../contracts/router-host.js'
import {certificatesList} from '../domain/haproxy/rendered.js'
import {renderSettings, routerSize} from '../domain/haproxy/render-settings.js'
import {deployAccount} from '../domain/host-setup.js'
import {usableModel} from '../domain/haproxy/usable-model.js'
import {type RoutingModel} from '../domain/routing.js'
import {routingDifference} from '../lifecycle/push/difference.js'
import {type PushNeeds, type PushTarget} from '../lifecycle/push/needs.js'
import {type ShipNeeds} from '../lifecycle/push/ship-sidecars.js'
import {catalogUrlText} from './catalog-url.js'
import {confirmProtected} from './confirm.js'
import {configuredUser} from './host-setup-needs.js'
import {lockIdentity} from './lock-identity.js'
import {openRouterHost} from './ssh-hosts.js'
import {type Yard} from './yard.js'

const acceptingCommand = 'yard push --accept-new-host-key'

/** What pushing to hosts takes. `--yes` confirms beforehand. */
export async function pushNeeds(yard: Yard, isConfirmed = false): Promise<PushNeeds> {
  return {
    ...(await sharedNeeds(yard, isConfirmed)),
    openHost: async (host, options): Promise<PushTarget> => {
      const opened = await openRouterHost(yard, host, {...options, acceptingCommand})
      return {
        router: await routerOn(opened.routerHost, yard),
        difference: (model) => differenceOn(opened.routerHost, model),
        newHostKey: () => opened.newHostKey(),
        close: () => opened.close(),
      }
    },
  }
}

/** What putting sidecars on hosts takes. */
export async function shipNeeds(yard: Yard, isConfirmed = false): Promise<ShipNeeds> {
  const userOf = await configuredUser(yard)
  return {
    ...(await sharedNeeds(yard, isConfirmed)),
    openSidecarHost: async (host, {acceptsNewKey, login}) => {
      // Units are root's, and who brings releases can't become root.
      const isDeployer = (userOf(host) ?? host.user) === deployAccount.name
      const user = login ?? (isDeployer ? 'root' : undefined)
      const settings = {acceptsNewKey, acceptingCommand, ...(user !== undefined && {user})}
      const opened = await openRouterHost(yard, host, settings)
      return {
        sidecar: opened.sidecarHost,
        newHostKey: () => opened.newHostKey(),
        close: () => opened.close(),
      }
    },
    program: () => readFile(path.join(yard.paths.root, 'dist', 'sidecar.mjs'), 'utf8'),
    catalogUrl: catalogUrlText(await yard.catalogLocation()),
  }
}

async function sharedNeeds(yard: Yard, isConfirmed: boolean): Promise<Omit<PushNeeds, 'openHost'>> {
  return {
    catalog: await yard.catalog(),
    clock: yard.clock,
    report: yard.report,
    signal: yard.signal,
    actor: yard.actor,
    identity: lockIdentity(yard),
    confirmProtected: (change) => confirmProtected(yard, {...change, isConfirmed}),
  }
}

async function routerOn(host: RouterHost, {clock}: Yard): Promise<HostRouter> {
  const [{HaproxyRouter}, {renderHaproxy}] = await Promise.all([
    import('../adapters/router-haproxy/index.js'),
    import('../templates/haproxy.js'),
  ])
  return new HaproxyRouter({host, clock, render: renderHaproxy, kind: 'hosts'})
}

/** The same text as a push would write there, but for certificates: those that are shown now count. */
async function differenceOn(host: RouterHost, wanted: RoutingModel) {
  const {renderHaproxy} = await import('../templates/haproxy.js')
  const [version, installed] = await Promise.all([host.haproxyVersion(), host.installed()])
  const descriptorLimit = await host.descriptorLimit()
  const certificates = (installed?.get(certificatesList) ?? '').split('\n').filter((line) => line !== '')
  const settings = renderSettings({
    ...{adminSocket: host.places.adminSocket, version, certificates},
    ...routerSize('hosts', descriptorLimit),
  })
  const {files} = renderHaproxy(usableModel(wanted).model, settings)
  return routingDifference(installed, new Map(files.map(({name, text}) => [name, text])))
}
