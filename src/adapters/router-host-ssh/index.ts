export {SshRouterHost} from './ssh-router-host.js'
export {SshSidecarHost} from './ssh-sidecar-host.js'
