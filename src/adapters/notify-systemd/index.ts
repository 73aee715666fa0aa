/**
 * Tells systemd how a service is, through its own program `systemd-notify`, because Node has no datagram sockets of the
 * Unix kind. Tried with systemd 252. Quirk: the program isn't the service's main process, so the unit needs NotifyAccess=all.
 */
export {SystemdNotifier} from './systemd-notifier.js'
