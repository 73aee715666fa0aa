import {type HttpFailure, type HttpOutcome, type HttpPhase} from '../../contracts/http-client.js'
import {type Answer, headerValues} from '../../domain/smoke/evaluation/answer.js'
import {type BuiltRequest, type EntrySettings} from '../../domain/smoke/evaluation/build-request.js'
import {isPermittedAddress, refusalOf} from '../../domain/smoke/network-policy.js'
import {redirected, redirectTarget} from '../../domain/smoke/redirects.js'
import {type FileState} from './file-state.js'
import {type SmokeNeeds} from './needs.js'
import {type SmokeRun} from './run.js'

export interface Exchange {
  /** The last request, after redirects, with the cookies that went along. */
  sent: BuiltRequest
  answer?: Answer
  failure?: {expected: string; actual: string}
  notes: string[]
}

const longestBodyBytes = 10 * 1_024 * 1_024
/** However many redirects a file allows. */
const mostRedirects = 100

/** Sends a request and follows redirects when asked to; each hop is held to the same rules. */
export async function sendRequest(
  needs: SmokeNeeds,
  run: SmokeRun,
  state: FileState,
  request: BuiltRequest,
  settings: EntrySettings,
): Promise<Exchange> {
  const most = settings.maxRedirects === -1 ? mostRedirects : Math.min(settings.maxRedirects, mostRedirects)
  const notes: string[] = []
  let current = request
  for (let redirects = 0; ; redirects += 1) {
    const exchange = await sendOnce(needs, run, state, current)
    const {answer} = exchange
    const target = answer === undefined || !settings.followRedirects ? undefined : targetOf(answer, current)
    if (answer === undefined || target === undefined) return {...exchange, notes}
    if (redirects >= most) {
      const actual = `redirect number ${redirects + 1}, to ${target.href}`
      return {...exchange, failure: {expected: `at most ${most} redirects`, actual}, notes}
    }
    const next = redirected(current, answer.status, target, (text) => run.redactor.holdsSecret(text))
    if (next.dropped.length > 0)
      notes.push(`left out on the way to ${target.origin}: ${next.dropped.join(', ')}`)
    current = next.request
  }
}

async function sendOnce(
  needs: SmokeNeeds,
  run: SmokeRun,
  state: FileState,
  request: BuiltRequest,
): Promise<Omit<Exchange, 'notes'>> {
  const sent = withCookies(request, state, needs.clock.now().getTime())
  const refusal = refusalOf(request.url, run.policy)
  if (refusal !== undefined)
    return {sent, failure: {expected: 'an address that may be asked', actual: refusal}}
  const left = run.endsAt - needs.clock.monotonicMillis()
  const timeoutMillis = Math.min(run.requestTimeoutMillis, left)
  if (timeoutMillis <= 0) return {sent, failure: timedOut('before it was sent', run.runTimeoutMillis, 'run')}
  state.requests += 1
  const outcome = await needs.http.send({
    method: request.method,
    url: request.url.href,
    headers: sent.headers,
    ...(request.body === undefined ? {} : {body: request.body}),
    timeoutMillis,
    maxBodyBytes: longestBodyBytes,
    signal: needs.signal,
    permitsAddress: isPermittedAddress,
  })
  if (outcome.kind === 'failed') return {sent, failure: failureOf(outcome, run, state, timeoutMillis)}
  state.wasAnswered = true
  const {status, version, headers, body, millis} = outcome.response
  state.cookies.store(request.url, headerValues(headers, 'set-cookie'), needs.clock.now().getTime())
  return {sent, answer: {status, version, headers, body, millis, url: request.url.href}}
}

function withCookies(request: BuiltRequest, state: FileState, now: number): BuiltRequest {
  const own = headerValues(request.headers, 'cookie')
  const pairs = [...own, ...state.cookies.pairsFor(request.url, now), ...request.cookies]
  if (pairs.length === 0) return request
  const headers = request.headers.filter(([name]) => name.toLowerCase() !== 'cookie')
  return {...request, headers: [...headers, ['Cookie', pairs.join('; ')]]}
}

function targetOf(answer: Answer, request: BuiltRequest): URL | undefined {
  return redirectTarget(answer.status, headerValues(answer.headers, 'location')[0], request.url)
}

type Failed = Extract<HttpOutcome, {kind: 'failed'}>

function failureOf(
  failed: Failed,
  run: SmokeRun,
  state: FileState,
  timeoutMillis: number,
): {expected: string; actual: string} {
  const {cause, phase, detail} = failed
  if (phase === 'connect' && (cause === 'refused' || cause === 'unreachable')) state.couldNotConnect = true
  else if (phase !== 'connect') state.wasAnswered = true
  if (cause === 'timed-out') {
    const isWholeRequest = timeoutMillis === run.requestTimeoutMillis
    return timedOut(
      phases[phase],
      isWholeRequest ? timeoutMillis : run.runTimeoutMillis,
      isWholeRequest ? 'request' : 'run',
    )
  }
  return {
    expected: 'a response',
    actual: `${causes[cause]} ${phases[phase]}${detail === '' ? '' : ` (${detail})`}`,
  }
}

function timedOut(
  when: string,
  limitMillis: number,
  scope: 'request' | 'run',
): {expected: string; actual: string} {
  return {expected: 'a response', actual: `timed out ${when} (${limitMillis / 1_000} s a ${scope})`}
}

const phases: Record<HttpPhase, string> = {
  connect: 'while connecting',
  'first-byte': 'while waiting for the first byte',
  body: 'while reading the body',
}

const causes: Record<HttpFailure, string> = {
  refused: 'the connection was refused',
  unreachable: 'the host could not be reached',
  'timed-out': 'timed out',
  reset: 'the connection was reset',
  'body-too-large': 'the body is too large',
  invalid: 'something other than HTTP came back',
  aborted: 'stopped',
  'not-permitted': 'the address may not be asked',
}
