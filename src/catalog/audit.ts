import {randomBytes} from 'node:crypto'

import {type AuditEntry} from '../domain/deploy.js'
import {type Catalog} from './catalog.js'
import {absent} from './collection.js'
import {keys} from './keys.js'

/** Keeps what one changing command did. Entries are only ever added. */
export async function recordAudit(catalog: Catalog, entry: Omit<AuditEntry, 'v'>): Promise<void> {
  const key = keys.auditEntry(new Date(entry.at), randomBytes(4).toString('hex'))
  await catalog.commit("Can't record the command", [absent(key)], [catalog.audit.put(key, {v: 1, ...entry})])
}
