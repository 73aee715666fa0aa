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
    checkCatalog: async () => {
      const {checkSqliteStore} = await import('../adapters/store-sqlite/index.js')
      const {store} = await yard.catalog()
      const {problems} = await checkSqliteStore(yard.catalogFile)
      return {where: store.url, problems}
    },
  }
  return {needs, request: {directories: [yard.paths.state], ...(await routerOf(yard))}}
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
