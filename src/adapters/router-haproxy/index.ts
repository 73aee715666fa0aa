export {findHaproxy, type FoundHaproxy} from './find-haproxy.js'
export {HaproxyRouter} from './haproxy-router.js'
