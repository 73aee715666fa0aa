export {type RemoteShellSettings} from './settings.js'
export {SshRemoteShell} from './ssh-remote-shell.js'
