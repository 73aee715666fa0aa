import {type FastifyError, type FastifyReply} from 'fastify'

import {YardError} from '../errors.js'
import {badRequest, Refusal} from './refusal.js'

/** How every answer other than yes looks. */
export interface ErrorBody {
  error: {code: string; what: string; why: string; next: readonly string[]}
}

/** Answers with the error; `onBug` hears of those that nobody outside can do anything about. */
export function answerError(
  error: unknown,
  reply: FastifyReply,
  onBug: (error: unknown) => void,
): FastifyReply {
  const refusal = refusalOf(error)
  if (refusal === undefined) onBug(error)
  const {headers, statusCode} = refusal ?? {headers: {}, statusCode: 500}
  return reply.code(statusCode).headers(headers).type('application/json').send(errorBody(refusal))
}

/** The body of an answer; undefined stands for a bug, whose inside is nobody's business. */
export function errorBody(error: YardError | undefined): ErrorBody {
  if (error === undefined) {
    const why = 'the server met what it does not expect; its log says more'
    return {error: {code: 'BUG', what: 'This is a bug in yard', why, next: ['yard catalog show']}}
  }
  const {code, next, what, why} = error
  return {error: {code, what, why, next}}
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  // Of the store behind. Its own login is not the caller's, so that it never becomes a 401 or 403.
  if (error instanceof YardError) {
    const {next, what, why} = error
    return new Refusal(503, 'E_CATALOG_UNREACHABLE', {what, why, next: [...next], cause: error})
  }
  if (!(error instanceof Error)) return undefined
  const {code = '', statusCode = 500, validation, validationContext} = error as Partial<FastifyError>
  if (validation !== undefined) return badRequest(problemOf(validationContext, validation[0]))
  if (statusCode >= 500) return undefined
  return badRequest(reasons.get(code) ?? 'it is not well formed', statuses.get(code) ?? statusCode)
}

type Problem = NonNullable<FastifyError['validation']>[number]

/** `body/writes/0/put must be string`, without a word of what was sent. */
function problemOf(context: string | undefined, problem: Problem | undefined): string {
  const {additionalProperty} = (problem?.params ?? {}) as {additionalProperty?: unknown}
  const field =
    typeof additionalProperty === 'string' ? `: ${JSON.stringify(additionalProperty.slice(0, 60))}` : ''
  return `${context ?? 'request'}${problem?.instancePath ?? ''} ${problem?.message ?? 'is invalid'}${field}`
}

const reasons = new Map([
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'its body is not of the type application/json'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'it has no body'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'its body is not JSON'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'its body is too large'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'its body is not as long as it says'],
  ['FST_ERR_BAD_URL', 'its path is not well formed'],
])

const statuses = new Map([['FST_ERR_CTP_INVALID_MEDIA_TYPE', 400]])
