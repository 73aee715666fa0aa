import {type HttpFailure} from '../../contracts/http-client.js'

/** Ends an exchange for a reason of our own. */
export class ExchangeFault extends Error {
  constructor(
    readonly failure: HttpFailure,
    readonly detail = '',
  ) {
    super(failure)
  }
}

/** What Node's error means, from the closed list; the detail is a code for people. */
export function classifyError(error: unknown): {cause: HttpFailure; detail: string} {
  if (error instanceof ExchangeFault) return {cause: error.failure, detail: error.detail}
  const code = codeOf(error)
  const known = code === undefined ? undefined : causes.get(code)
  if (known !== undefined) return {cause: known, detail: code ?? ''}
  if (code?.startsWith('HPE_') === true) return {cause: 'invalid', detail: code}
  return {cause: 'invalid', detail: code ?? messageOf(error)}
}

const causes = new Map<string, HttpFailure>([
  ['EADDRNOTAVAIL', 'unreachable'],
  ['EAI_AGAIN', 'unreachable'],
  ['ECONNABORTED', 'reset'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EHOSTDOWN', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['EPIPE', 'reset'],
  ['ETIMEDOUT', 'unreachable'],
])

/** Several addresses tried at once fail as one error that holds the others. Judged by shape: Node's errors may be of another realm. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const {code, errors} = error as {code?: unknown; errors?: unknown}
  if (typeof code === 'string') return code
  return Array.isArray(errors) ? codeOf(errors[0]) : undefined
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
  return typeof message === 'string' ? message : ''
}
