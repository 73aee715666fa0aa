import {makeLibrary} from '../catalog/library.mjs'

const rendering = `
export {renderHaproxy} from './src/templates/haproxy.js'
export {renderSettings} from './src/domain/haproxy/render-settings.js'
export {unfaithfulness} from './src/domain/haproxy/faithful.js'
export {usableModel} from './src/domain/haproxy/usable-model.js'
export {routingModel} from './src/domain/routing-model.js'
export {routingScope} from './src/domain/routing-scope.js'
export {freePorts} from './test/support/etcd/member.js'
`

export const routerParts = `
export {findHaproxy, LocalRouterHost} from './src/adapters/router-host-local/index.js'
export {HaproxyRouter} from './src/adapters/router-haproxy/index.js'
export {LocalProcessManager} from './src/adapters/processes-local/index.js'
export {SystemClock} from './src/adapters/clock-system/index.js'
`

export const followerParts = `
export {CatalogFollower} from './src/lifecycle/sidecar/catalog-follower.js'
export {LocalFiles} from './src/adapters/files-local/index.js'
export {SystemClock} from './src/adapters/clock-system/index.js'
`

/** The parts of yard that the benches of routing call themselves; resolves with the file and what removes it. */
export const makeRoutingLibrary = (more = '') => makeLibrary(rendering + more)
