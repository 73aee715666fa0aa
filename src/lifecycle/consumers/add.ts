import {createHash, randomBytes} from 'node:crypto'

import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {findService, refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type SecretBox} from '../../contracts/secret-box.js'
import {type Consumer, tokenVariable} from '../../domain/consumer.js'
import {YardError} from '../../errors.js'

export interface ConsumerAddNeeds {
  catalog: Catalog
  clock: Clock
  secrets: Pick<SecretBox, 'seal'>
  /** Who can open what is sealed. */
  recipients: () => Promise<readonly string[]>
  actor: string
}

export interface ConsumerAddRequest {
  consumer: string
  /** Who is called. */
  of: string
  /** Gives a pair that exists a new token. */
  rotate: boolean
  dryRun: boolean
}

export interface ConsumerAddReport {
  outcome: 'added' | 'already' | 'rotated'
  dryRun: boolean
  consumer: string
  service: string
  /** What the consumer finds its token in, from its next deploy on. */
  variable: string
}

const tokenBytes = 32

/**
 * Lets a service call another: the pair gets a token, which nobody sees. Only the consumer's processes open it.
 * @throws YardError E_SERVICE_UNKNOWN, E_USAGE for a service and itself, E_SECRET_RECIPIENTS
 */
export async function addConsumer(
  needs: ConsumerAddNeeds,
  request: ConsumerAddRequest,
): Promise<ConsumerAddReport> {
  const {catalog} = needs
  for (;;) {
    const consumer = await findService(catalog, request.consumer)
    const called = await findService(catalog, request.of)
    const [name, of] = [consumer.record.name, called.record.name]
    if (name === of) throw ownConsumer(name)
    const key = keys.consumer(of, name)
    const present = await catalog.consumers.get(key, refuse)
    const pair = {dryRun: request.dryRun, consumer: name, service: of, variable: tokenVariable(of)}
    if (present !== undefined && !request.rotate) return {outcome: 'already', ...pair}
    const report = {outcome: present === undefined ? ('added' as const) : ('rotated' as const), ...pair}
    if (request.dryRun) return report
    const record = await withToken(needs, {consumer: name, service: of}, present?.record)
    const written = await catalog.attempt(
      [
        {key: keys.service(name), target: 'created', revision: consumer.createRevision},
        {key: keys.service(of), target: 'created', revision: called.createRevision},
        unchanged(key, present),
      ],
      [catalog.consumers.put(key, record)],
    )
    if (written !== false) return report
  }
}

async function withToken(
  {actor, clock, recipients, secrets}: ConsumerAddNeeds,
  pair: Pick<Consumer, 'consumer' | 'service'>,
  present: Consumer | undefined,
): Promise<Consumer> {
  const token = randomBytes(tokenBytes).toString('base64url')
  const now = clock.now().toISOString()
  return {
    v: 1,
    ...pair,
    token: await secrets.seal(token, await recipients()),
    tokenDigest: createHash('sha256').update(token).digest('hex'),
    addedBy: present?.addedBy ?? actor,
    addedAt: present?.addedAt ?? now,
    ...(present !== undefined && {rotatedAt: now}),
  }
}

function ownConsumer(name: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't make ${name} a consumer of itself`,
    why: 'a service needs no token to call its own code',
    next: ['yard consumers list'],
  })
}
