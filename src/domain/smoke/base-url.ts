import {type Environment} from '../environment.js'

/** Where smoke tests reach a service: through the router of the environment, by name. */
export function routedBaseUrl(service: string, environment: Environment): string {
  return `http://${service}.localhost:${environment.router.port}`
}
