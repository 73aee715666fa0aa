export {HaproxyRouter, type HaproxyRouterSettings} from './haproxy-router.js'
