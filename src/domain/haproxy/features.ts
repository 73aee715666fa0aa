import {isVersionAtLeast} from './version.js'

/** In what versions of HAProxy differ, as far as the rendered text goes. */
export interface HaproxyFeatures {
  /** A converter for the name of a host without its port. */
  hostOnly: string
  /** Servers with checks can be added over the socket, so that backends can stand by for new services. */
  hasSpares: boolean
}

/** What this HAProxy (2.4 and newer) can do. */
export function haproxyFeatures(version: string): HaproxyFeatures {
  return {
    hostOnly: isVersionAtLeast(version, [2, 5]) ? 'host_only' : 'field(1,:)',
    hasSpares: isVersionAtLeast(version, [2, 6]),
  }
}
