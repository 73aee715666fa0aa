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

/** Root calls it itself, everybody else through sudo, which asks for nothing. */
const asRoot = 'if [ "$(id -u)" = 0 ]; then exec "$@"; fi\nexec sudo -n "$@"'

/** The program that works as root there, as a command of a remote shell. */
export function hostCommand(args: readonly string[]): {file: string; args: string[]} {
  return {file: 'sh', args: ['-c', asRoot, 'yard-host', hostProgram, ...args]}
}

/** What that program ends with. */
export const hostExits = {refused: 64, fenced: 65, noRelease: 66} as const

/** Whether it is missing there, from another version, or this user may not run it. */
export function isHostUnready({exitCode, stderr}: {exitCode?: number; stderr: string}): boolean {
  if (exitCode === hostExits.refused || exitCode === 126 || exitCode === 127) return true
  return /^sudo: /m.test(stderr)
}
