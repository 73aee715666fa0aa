import {localEnvironmentName} from '../../domain/environment.js'
import {YardError} from '../../errors.js'

/** @throws YardError E_USAGE for `local`, whose one host yard makes itself. */
export function refuseLocal(purpose: string, environment: string): void {
  if (environment !== localEnvironmentName) return
  throw new YardError('E_USAGE', {
    what: `Can't ${purpose} ${environment}`,
    why: `${environment} is this machine, and its one host is localhost`,
    next: [
      'yard environments list',
      'yard hosts add web-1 --env staging --address 10.0.0.11   # a host of another environment',
    ],
  })
}
