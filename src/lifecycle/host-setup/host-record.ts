import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type Host} from '../../domain/environment.js'
import {deployAccount} from '../../domain/host-setup.js'
import {YardError} from '../../errors.js'
import {type HostDifference, type HostSetupNeeds} from './needs.js'

const attempts = 5

/** What the catalog doesn't know yet of a host that is ready. */
export function recordDifferences(host: Host): HostDifference[] {
  const subject = 'catalog'
  return [
    ...(host.user === deployAccount.name
      ? []
      : [
          {
            subject,
            found: `doesn't say that ${deployAccount.name} brings releases to ${host.name}`,
            command: `write user ${deployAccount.name} into the record of ${host.name}`,
          },
        ]),
    ...(host.sshKeys === undefined
      ? [
          {
            subject,
            found: `has no SSH key of ${host.name}`,
            command: `write the keys of its sshd into the record of ${host.name}`,
          },
        ]
      : []),
  ]
}

/**
 * Writes that a host is ready, with its keys unless some are pinned already. Returns the keys that are new there.
 * @throws YardError E_CONFLICT when the record changes all the time, E_HOST_UNKNOWN when it's gone
 */
export async function recordReady(
  {catalog}: Pick<HostSetupNeeds, 'catalog'>,
  host: Host,
  hostKeys: readonly string[],
): Promise<string[]> {
  const place = keys.host(host.environment, host.name)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await catalog.hosts.get(place)
    if (stored === undefined || stored.record.address !== host.address) throw changedMeanwhile(host)
    const pins = stored.record.sshKeys === undefined && hostKeys.length > 0
    if (!pins && stored.record.user === deployAccount.name) return []
    const ready = {...stored.record, user: deployAccount.name, ...(pins && {sshKeys: [...hostKeys]})}
    const written = await catalog.attempt([unchanged(place, stored)], [catalog.hosts.put(place, ready)])
    if (written !== false) return pins ? [...hostKeys] : []
  }
  throw changedMeanwhile(host)
}

function changedMeanwhile({environment, name}: Host): YardError {
  return new YardError('E_CONFLICT', {
    what: `Can't write that ${name} is ready`,
    why: 'somebody changed or removed its record meanwhile',
    next: [`yard hosts show ${name} --env ${environment}`, 'run the command again'],
  })
}
