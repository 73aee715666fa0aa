import {Args, Flags} from '@oclif/core'

import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {type DeployReference} from '../lifecycle/deploy/journal/known-deploy.js'
import {serviceHere} from '../lifecycle/service-here.js'
import {type Yard} from './yard.js'
import {envFlag} from './yard-command.js'

/** For commands that are about one deploy. */
export const deployArgs = {
  number: Args.custom<number>({parse: (text) => Promise.resolve(deployNumber(text))})({
    ignoreStdin: true,
    required: true,
    description: 'number of the deploy, as "yard deploy list" shows it',
  }),
}

export const deployFlags = {
  env: envFlag,
  service: Flags.string({
    helpValue: 'NAME',
    summary: 'name of a registered service; the one in this directory without it',
  }),
}

/**
 * Deploys are numbered for each service and environment.
 * @throws YardError E_SERVICE_FILE when no service is given and there's none in this directory
 */
export async function deployMeant(
  yard: Yard,
  args: {number: number},
  flags: {env: string; service?: string | undefined},
  purpose: string,
): Promise<DeployReference> {
  const service = flags.service ?? (await serviceMeant(yard, undefined, purpose))
  return {service, environment: flags.env, number: args.number}
}

/** @throws YardError E_USAGE */
function deployNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new YardError('E_USAGE', {
    what: `Can't find the deploy ${printable(text)}`,
    why: 'deploys have numbers, from 1',
    next: ['yard deploy list', 'yard deploy show 1   # the first one'],
  })
}

/** The service that was named, or the one whose directory this is. @throws YardError E_SERVICE_FILE */
export async function serviceMeant(yard: Yard, named: string | undefined, purpose: string): Promise<string> {
  if (named !== undefined) return named
  const needs = {files: await yard.files(), documents: await yard.documents()}
  return serviceHere(needs, yard.workingDirectory, purpose)
}
