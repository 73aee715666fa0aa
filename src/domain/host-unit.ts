import {instanceIdPattern} from './instance.js'

/** What yard does as root on a host is one program there, put there by `yard host setup`; see `templates/host/yard-host.sh`. */
export const hostProgram = '/usr/lib/yard/yard-host'

/** Below it: the content of all files that a service has on a host, and its releases. */
export const servicesDirectory = '/srv/yard'

/** How a host names an instance of its own: `billing-r42.worker` of `billing-r42.worker@web-1`. Undefined when it isn't an id. */
export function unitId(instanceId: string): string | undefined {
  return instanceIdPattern.test(instanceId) ? instanceId.slice(0, instanceId.indexOf('@')) : undefined
}

/** The systemd unit of an instance, by the name that the host has for it. */
export function unitName(id: string): string {
  return `yard-${id}.service`
}
