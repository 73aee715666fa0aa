import {YardError} from '../../../errors.js'
import {type DeployRun} from '../run.js'
import {putHostBack} from './put-back.js'
import {isBug, reasonOf, together} from '../step-failure.js'

/** These tell that somebody else is at work here, or that nobody can be at work: no host goes on then. */
const notOfTheHost = new Set(['E_CATALOG_UNREACHABLE', 'E_CONFLICT', 'E_FENCED', 'E_INTERRUPTED'])

/**
 * Decides what becomes of hosts on which a step failed: with `--on-failure continue` they get back what they had and the
 * others go on, as long as there are others.
 * @throws Error that names all of them otherwise
 */
export async function leaveOut(run: DeployRun, failures: ReadonlyMap<string, Error>): Promise<void> {
  const [first] = failures.values()
  if (first === undefined) return
  run.signal.throwIfAborted()
  const isAnothers = [...failures.values()].some(
    (error) => (error instanceof YardError && notOfTheHost.has(error.code)) || isBug(error),
  )
  const goesOn = run.onFailure === 'continue' && run.working().length > failures.size
  if (isAnothers || !goesOn) throw isAnothers ? first : together([...failures.values()])
  for (const [host, error] of failures) {
    const why = run.secrets.redact(reasonOf(error))
    run.failedHosts.set(host, why)
    run.needs.report({kind: 'warning', text: `${host} is left out: ${why}`})
    await putHostBack(run, host)
  }
  await run.update({failedHosts: failedHosts(run)})
}

export function failedHosts(run: DeployRun): {host: string; why: string}[] {
  return [...run.failedHosts].map(([host, why]) => ({host, why: why.slice(0, 500)}))
}
