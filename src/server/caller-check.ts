import {type FastifyInstance, type FastifyRequest} from 'fastify'

import {type Authenticate, fingerprint} from './authentication.js'
import {type ServerLimits} from './limits.js'
import {tooMany, unauthenticated} from './refusal.js'

const mostRemembered = 10_000

/**
 * Lets only those in who have a token, before a byte of the body is read. Who tries tokens that are refused soon waits,
 * without the store being asked; those whose token was good a while ago don't wait with them.
 */
export function checkCallers(
  api: FastifyInstance,
  {authenticate, limits}: {authenticate: Authenticate; limits: ServerLimits},
): void {
  const goodBefore = new Set<string>()
  const countRefusal = api.createRateLimit({
    max: limits.refusals,
    timeWindow: limits.windowMillis,
    keyGenerator: ({ip}: FastifyRequest) => `refused|${ip}`,
  })

  api.addHook('onRequest', async (request) => {
    const {authorization} = request.headers
    const mark = authorization === undefined ? undefined : fingerprint(authorization)
    if (mark !== undefined && !goodBefore.has(mark)) {
      const sofar = await countRefusal(request, {increment: false})
      if (!sofar.isAllowed && sofar.remaining === 0)
        throw tooMany('too many tokens of this address were refused', sofar.ttlInSeconds)
    }
    const result = await authenticate(authorization)
    if (result.kind === 'refused') {
      if (mark !== undefined) {
        goodBefore.delete(mark)
        await countRefusal(request)
      }
      throw unauthenticated(result.why)
    }
    request.caller = result.caller
    if (mark !== undefined) remember(goodBefore, mark)
  })
}

function remember(marks: Set<string>, mark: string): void {
  if (marks.has(mark)) return
  marks.add(mark)
  const [oldest] = marks
  if (marks.size > mostRemembered && oldest !== undefined) marks.delete(oldest)
}
