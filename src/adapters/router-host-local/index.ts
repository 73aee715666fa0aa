export {findHaproxy, type FoundHaproxy} from './find-haproxy.js'
export {LocalRouterHost} from './local-router-host.js'
