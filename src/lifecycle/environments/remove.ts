import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {findEnvironment, refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Report} from '../../contracts/report.js'
import {type Platform} from '../../domain/platform-file.js'
import {YardError} from '../../errors.js'
import {refuseLocal} from '../hosts/local.js'
import {occupantsOf, whatIsThere} from '../platform/occupants.js'

export interface RemoveEnvironmentNeeds {
  catalog: Catalog
  report: Report
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface RemoveEnvironmentRequest {
  environment: string
  /** The platform file in use, which may bring the environment back. */
  platform: Pick<Platform, 'environments' | 'file'> | undefined
  dryRun: boolean
}

export interface RemoveEnvironmentReport {
  environment: string
  dryRun: boolean
}

/**
 * Removes an environment in which nothing is left but its history, which stays.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_ENVIRONMENT_IN_USE, E_NOT_CONFIRMED, E_USAGE for `local`
 */
export async function removeEnvironment(
  needs: RemoveEnvironmentNeeds,
  request: RemoveEnvironmentRequest,
): Promise<RemoveEnvironmentReport> {
  const {catalog} = needs
  const {dryRun, platform} = request
  refuseLocal('remove', request.environment)
  const {declared, name} = await findEnvironment(catalog, request.environment)
  if (platform?.environments.some((each) => each.name === name) === true)
    throw isDeclared(name, platform.file)
  if (declared === true && platform === undefined) {
    const text = `${name} was declared in a platform file that isn't here; an apply of that file brings it back`
    needs.report({kind: 'warning', text})
  }
  const key = keys.environment(name)
  let isConfirmed = dryRun
  for (;;) {
    const stored = await catalog.environments.get(key, refuse)
    const there = whatIsThere(await occupantsOf(catalog, name))
    if (there !== '') throw inUse(name, there)
    if (dryRun) return {environment: name, dryRun}
    if (!isConfirmed) await needs.confirmProtected({environment: name, purpose: `remove ${name}`})
    isConfirmed = true
    // Whoever adds a host writes the record of the environment, too, and is noticed here.
    if ((await catalog.attempt([unchanged(key, stored)], [{delete: key}])) !== false) {
      return {environment: name, dryRun}
    }
  }
}

function isDeclared(name: string, file: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't remove the environment ${name}`,
    why: `${file} declares it, and the next apply would bring it back`,
    next: [`take ${name} out of ${file}`, 'yard catalog apply'],
  })
}

function inUse(name: string, there: string): YardError {
  return new YardError('E_ENVIRONMENT_IN_USE', {
    what: `Can't remove the environment ${name}`,
    why: `it still has ${there}`,
    next: [
      `yard environments show ${name}`,
      `yard hosts list --env ${name}`,
      `yard config list --env ${name}`,
      `yard routes list --env ${name}`,
    ],
    details: {environment: name},
  })
}
