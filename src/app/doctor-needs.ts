import {LocalMachine} from '../adapters/machine-local/index.js'
import {localEnvironment, localEnvironmentName} from '../domain/environment.js'
import {type DoctorNeeds, type DoctorRequest} from '../lifecycle/doctor.js'
import {livingAgent} from '../lifecycle/up.js'
import {openEnvironment} from './local-environment.js'
import {isProcessAlive} from './lock-identity.js'
import {findRouterProgram} from './open-router.js'
import {type Yard} from './yard.js'

export async function doctorNeeds(yard: Yard): Promise<{needs: DoctorNeeds; request: DoctorRequest}> {
  const needs: DoctorNeeds = {
    machine: new LocalMachine(),
    findHaproxy: () => findRouterProgram(yard),
    checkCatalog: () => checkCatalog(yard),
  }
  return {needs, request: {directories: [yard.paths.state], ...(await routerOf(yard))}}
}

/** A file is read to its last page; of a cluster or a server its own word is taken. */
async function checkCatalog(yard: Yard): Promise<{where: string; problems: string[]}> {
  const {store} = await yard.catalog()
  const location = await yard.catalogLocation()
  if (location.kind === 'sqlite') {
    const {checkSqliteStore} = await import('../adapters/store-sqlite/index.js')
    const {problems} = await checkSqliteStore(location.file)
    return {where: store.url, problems}
  }
  const unwell = (await store.health()).filter(({isHealthy}) => !isHealthy)
  return {where: store.url, problems: unwell.map(({name, detail}) => `${name}: ${detail}`)}
}

/** A catalog that can't be opened is one of the findings, so it keeps nothing else from being looked at. */
async function routerOf(yard: Yard): Promise<Pick<DoctorRequest, 'router' | 'isUp'>> {
  try {
    const environment = await openEnvironment(yard, localEnvironmentName)
    const agent = await livingAgent(
      {catalog: await yard.catalog(), isAlive: isProcessAlive},
      environment.name,
    )
    return {router: environment.router, isUp: agent !== undefined}
  } catch {
    return {router: localEnvironment().router, isUp: false}
  }
}
