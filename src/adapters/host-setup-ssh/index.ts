export {SshHostSetup} from './ssh-host-setup.js'
