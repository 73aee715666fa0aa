/**
 * What requests and answers look like, as JSON Schema: Fastify checks requests with it and the OpenAPI document shows
 * it. Nothing is converted and no unknown field passes.
 */

const key = {
  type: 'string',
  minLength: 1,
  maxLength: 8_192,
  // Neither NUL nor half of a character: no store can keep them.
  pattern: '^[^\\u0000\\ud800-\\udfff]*$',
  description: 'a key, such as /yard/v1/services/billing; compared byte for byte',
}
const prefix = {...key, minLength: 0, description: 'what the keys begin with, such as /yard/v1/services/'}
const value = {type: 'string', pattern: '^[^\\u0000\\ud800-\\udfff]*$'}
const revision = {type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER}
const lease = {type: 'string', minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$'}

function object(properties: Record<string, unknown>, required: readonly string[] = Object.keys(properties)) {
  return {type: 'object', additionalProperties: false, properties, required}
}

/** Named in the document, and referred to below. */
export const sharedSchemas = [
  {
    $id: 'Entry',
    ...object({key, value, createRevision: revision, modRevision: revision, lease}, [
      'key',
      'value',
      'createRevision',
      'modRevision',
    ]),
  },
  {
    $id: 'Error',
    ...object({
      error: object({
        code: {type: 'string', description: 'see docs/errors.md; BUG for what is none of them'},
        what: {type: 'string'},
        why: {type: 'string'},
        next: {type: 'array', items: {type: 'string'}, minItems: 1},
      }),
    }),
  },
]

const error = (description: string) => ({description, $ref: 'Error#'})

/** What every request may be answered with. */
const refusals = {
  400: error('the request is not well formed'),
  401: error('no token, or one that is unknown, revoked or expired'),
  403: error('the role of the token does not allow this'),
  413: error('the body is larger than 4 MB'),
  429: error('too many requests; Retry-After says when to come back'),
  500: error('a bug in yard'),
  503: error('the store behind does not answer'),
}

function answer(description: string, schema: Record<string, unknown>, status = 200) {
  return {...refusals, [status]: {description, ...schema}}
}

const compare = object({key, target: {type: 'string', enum: ['created', 'modified']}, revision})
const put = object({put: key, value, lease}, ['put', 'value'])
const remove = object({delete: key})

export const schemas = {
  entry: {
    operationId: 'getEntry',
    summary: 'one entry; without "entry" when there is none',
    querystring: object({key}),
    response: answer('what is kept under the key', object({entry: {$ref: 'Entry#'}}, [])),
  },
  range: {
    operationId: 'listEntries',
    summary: 'all entries below a prefix, sorted, at one revision',
    querystring: object({prefix}),
    response: answer(
      'the entries that may be read',
      object({revision, entries: {type: 'array', items: {$ref: 'Entry#'}}}),
    ),
  },
  transact: {
    operationId: 'transact',
    summary: 'all writes, when every compare holds; else none',
    body: object({
      compares: {type: 'array', maxItems: 128, items: compare},
      writes: {type: 'array', maxItems: 128, items: {oneOf: [put, remove]}},
    }),
    response: answer(
      'whether it was done, and at which revision',
      object({succeeded: {type: 'boolean'}, revision}),
    ),
  },
  watch: {
    operationId: 'watch',
    summary: 'what changes below a prefix, as server-sent events',
    description:
      'The id of an event is its revision: come back with the last one as "from" or as Last-Event-ID. Events: "changes" ({revision, changes}), "compacted" (list again, then watch from there; the stream ends), "closing" (the server stops: come back). A comment every 15 s shows that the connection lives.',
    querystring: object(
      {prefix, from: {type: 'string', pattern: '^\\d{1,15}$', description: 'the revision to begin after'}},
      ['prefix'],
    ),
    headers: {type: 'object', properties: {'last-event-id': {type: 'string', pattern: '^\\d{1,15}$'}}},
    response: {
      ...refusals,
      200: {description: 'events', content: {'text/event-stream': {schema: {type: 'string'}}}},
    },
  },
  grantLease: {
    operationId: 'grantLease',
    summary: 'a lease; what is put under it goes when it is not renewed',
    body: object({ttlMillis: {type: 'integer', minimum: 1, maximum: 86_400_000}}),
    response: answer('the lease', object({lease}), 201),
  },
  renewLease: {
    operationId: 'renewLease',
    summary: 'gives a lease its whole time again',
    body: object({lease}),
    response: answer('false when the lease is gone', object({renewed: {type: 'boolean'}})),
  },
  revokeLease: {
    operationId: 'revokeLease',
    summary: 'ends a lease and deletes what is under it',
    body: object({lease}),
    response: answer('it is gone', object({})),
  },
  leaseLeft: {
    operationId: 'leaseLeft',
    summary: 'how long a lease has; without "millisLeft" when it is gone',
    querystring: object({lease}),
    response: answer('the time left', object({millisLeft: {type: 'number'}}, [])),
  },
  health: {
    operationId: 'health',
    summary: 'how the server and the store behind it are',
    response: answer(
      'the parts of the store',
      object({
        version: {type: 'string'},
        parts: {
          type: 'array',
          items: object({name: {type: 'string'}, isHealthy: {type: 'boolean'}, detail: {type: 'string'}}),
        },
      }),
    ),
  },
  me: {
    operationId: 'me',
    summary: 'whose token this is',
    response: answer('its name and role', object({name: {type: 'string'}, role: {type: 'string'}})),
  },
  document: {
    operationId: 'document',
    summary: 'this document',
    security: [],
    response: {
      200: {description: 'OpenAPI 3.1', type: 'object', additionalProperties: true},
      429: refusals[429],
    },
  },
} as const
