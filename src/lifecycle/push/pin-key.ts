import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type Host} from '../../domain/environment.js'
import {type PushNeeds} from './needs.js'

/** Keeps the key of a first contact in the catalog, unless somebody else pinned one meanwhile. */
export async function pinNewKey(
  {catalog, report}: Pick<PushNeeds, 'catalog' | 'report'>,
  host: Host,
  target: {newHostKey(): string | undefined},
): Promise<{pinnedKey?: string}> {
  const key = target.newHostKey()
  if (key === undefined) return {}
  const place = keys.host(host.environment, host.name)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const stored = await catalog.hosts.get(place)
    if (stored === undefined || stored.record.sshKeys !== undefined) break
    const write = catalog.hosts.put(place, {...stored.record, sshKeys: [key]})
    if ((await catalog.attempt([unchanged(place, stored)], [write])) !== false) return {pinnedKey: key}
  }
  report({
    kind: 'warning',
    text: `the SSH host key of ${host.name} was not pinned: its record changed meanwhile`,
  })
  return {}
}
