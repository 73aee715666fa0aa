/** Where things are on a host. */
export interface ReleasePlaces {
  /** Below it, a directory for each service. */
  releases: string
  /** Below it, a directory for each environment, and in it a file for each service. */
  fences: string
  /** What works as root there. */
  hostScript: string
  /** What its bytes must be, as sha256; undefined where nobody asks. */
  hostScriptDigest: string | undefined
}

export function releasePlacesBelow(root: string, hostScriptDigest?: string): ReleasePlaces {
  return {
    releases: `${root}/srv/yard`,
    fences: `${root}/var/lib/yard/fences`,
    hostScript: `${root}/usr/lib/yard/yard-host`,
    hostScriptDigest,
  }
}
