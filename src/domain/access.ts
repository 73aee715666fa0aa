import {type Role} from './api-token.js'

/** The parts of a catalog that roles are about, as prefixes of keys. */
export interface AccessAreas {
  /** Below it is everything that is yard's. */
  root: string
  tokens: string
  environments: string
  audit: string
  /** The rows of it, each written once. */
  auditRows: string
}

export type AccessWrite = {put: string; lease?: string} | {delete: string}

/** What somebody may do with a catalog. Keys are compared as they are: nothing in them means "up". */
export interface Access {
  /** Whether this key may be read. */
  mayRead(key: string): boolean
  /** Whether something below this prefix may be listed or watched; what may not be read is left out. */
  mayList(prefix: string): boolean
  mayWrite(write: AccessWrite): boolean
  /** Whether this key may be written only where the transaction says that it isn't there yet. */
  mustBeNew(key: string): boolean
  mayLease: boolean
  /** Everybody with the same view sees the same of a change, so that it is prepared once. */
  view: string
}

/**
 * What a role may do: a reader reads all but tokens; a deployer also writes all but tokens and environments, and only
 * adds to the audit; an admin does everything below the root. Nobody gets above it.
 */
export function accessOf(role: Role, areas: AccessAreas): Access {
  const isWithin = (key: string) => key.startsWith(areas.root)
  const isHidden = (key: string) => role !== 'admin' && key.startsWith(areas.tokens)
  const mayRead = (key: string) => isWithin(key) && !isHidden(key)
  return {
    mayRead,
    mayList: mayRead,
    mayWrite: (write) =>
      role !== 'reader' && mayRead(keyOf(write)) && (role === 'admin' || isOpen(write, areas)),
    mustBeNew: (key) => role !== 'admin' && key.startsWith(areas.auditRows),
    mayLease: role !== 'reader',
    view: role === 'admin' ? 'all' : 'without tokens',
  }
}

/** A row under a lease would go when the lease does, which is a delete by another name. */
function isOpen(write: AccessWrite, {audit, environments}: AccessAreas): boolean {
  const key = keyOf(write)
  if (key.startsWith(environments)) return false
  if (!key.startsWith(audit)) return true
  return 'put' in write && write.lease === undefined
}

function keyOf(write: AccessWrite): string {
  return 'put' in write ? write.put : write.delete
}
