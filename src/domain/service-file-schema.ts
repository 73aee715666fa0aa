import * as v from 'valibot'

import {namePattern} from './names.js'
import {prose, urlPath} from './schema.js'

const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description))

const duration = v.pipe(
  v.string('must be a time such as 30s, 500ms or 2m'),
  v.regex(/^(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|s|m|h))+$/, 'must be a time such as 30s, 500ms or 2m'),
)

const command = v.pipe(
  v.string('must be a command line'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(2_000, 'must be at most 2000 characters'),
  v.regex(/^[^\0]*$/, 'holds a NUL'),
)

const glob = v.pipe(
  v.string('must be a glob such as smoke/**/*.hurl'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must be at most 200 characters'),
  v.regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\\]*$/, 'must stay below the service directory'),
)

const wholeNumber = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message))
}

const list = <S extends v.GenericSchema>(item: S) =>
  v.pipe(v.array(item, 'must be a list'), v.maxLength(100, 'must have at most 100 entries'))

const group = <E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(entries, (issue) =>
    issue.received === 'undefined' ? 'is missing' : 'must be a group of keys and values',
  )

/** `service.yaml`, as it is written. Free of transformations, so that editors get a JSON Schema of it. */
export const serviceFileSchema = group({
  name: described(
    v.pipe(
      v.string('must be text'),
      v.regex(
        namePattern,
        'must be 1 to 40 lower-case letters, digits and single dashes, starting with a letter',
      ),
    ),
    'The name of the service, the same everywhere: catalog, routing header, host name.',
  ),
  owner: described(prose(200), 'Who answers for the service: a team or a mail address.'),
  description: described(prose(500), 'What the service is for, in one sentence.'),
  port: v.optional(
    described(
      v.pipe(
        v.number('must be a port number from 1 to 65535'),
        v.integer('must be a port number from 1 to 65535'),
        v.minValue(1, 'must be a port number from 1 to 65535'),
        v.maxValue(65_535, 'must be a port number from 1 to 65535'),
      ),
      'The port in development. Deployed instances are given one in $PORT.',
    ),
  ),
  build: v.optional(
    described(
      list(command),
      'Commands run one after another in a clean copy of the commit; what is left is shipped.',
    ),
  ),
  buildTimeout: v.optional(described(duration, 'How long the build may take in all. 10m unless given.')),
  health: v.optional(
    described(
      group({
        path: v.optional(
          described(
            v.pipe(v.string('must be a path such as /readyz'), urlPath),
            'Answers 2xx when the instance wants traffic. /readyz unless given.',
          ),
        ),
        timeout: v.optional(
          described(
            duration,
            'How long a new instance may take to its first ready answer. 30s unless given.',
          ),
        ),
        stable: v.optional(
          described(
            duration,
            'How long it must then stay ready before traffic moves to it. 3s unless given.',
          ),
        ),
      }),
      'How a new instance proves that it may get traffic.',
    ),
  ),
  drain: v.optional(
    described(
      group({
        timeout: v.optional(
          described(duration, 'How long an old instance may finish the requests it has. 30s unless given.'),
        ),
      }),
      'How an old instance is relieved of its traffic.',
    ),
  ),
  stop: v.optional(
    described(
      group({
        grace: v.optional(described(duration, 'How long after SIGTERM comes SIGKILL. 10s unless given.')),
      }),
      'How an old instance is ended.',
    ),
  ),
  smoke: v.optional(
    described(list(glob), 'Smoke files, run after traffic moved. smoke/**/*.hurl unless given.'),
  ),
  calls: v.optional(
    described(
      list(
        v.pipe(
          v.string('must be the name of a service'),
          v.regex(namePattern, 'must be the name of a service'),
        ),
      ),
      'The services that this one calls. It has to be a consumer of each: yard consumers add NAME --of CALLED.',
    ),
  ),
  routing: v.optional(
    described(
      group({
        timeout: v.optional(
          described(duration, 'How long an instance may take to answer a request. 60s unless given.'),
        ),
        connectTimeout: v.optional(
          described(duration, 'How long it may take to accept a connection. 1s unless given.'),
        ),
        queueTimeout: v.optional(
          described(duration, 'How long a request waits for an instance to have room. 5s unless given.'),
        ),
        maxConnections: v.optional(
          described(
            wholeNumber(1, 100_000),
            'Requests that one instance gets at a time; more wait. No limit unless given.',
          ),
        ),
        slowStart: v.optional(
          described(duration, 'A new instance is given more and more requests for so long. 0 unless given.'),
        ),
        retries: v.optional(
          described(
            wholeNumber(0, 10),
            'How often a request that may be sent twice is sent again when an instance breaks off. 3 unless given.',
          ),
        ),
      }),
      'How HAProxy treats the requests to this service.',
    ),
  ),
  env: v.optional(
    described(
      v.record(
        v.pipe(
          v.string(),
          v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a variable name such as LOG_LEVEL'),
        ),
        v.pipe(v.union([v.string(), v.number(), v.boolean()], 'must be text, a number, true or false')),
        'must be a group of names and values',
      ),
      'Variables for every environment that are not secret.',
    ),
  ),
})

export type ServiceFileText = v.InferOutput<typeof serviceFileSchema>
