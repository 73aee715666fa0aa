import * as v from 'valibot'

import {
  byteSize,
  command,
  described,
  duration,
  group,
  list,
  normalHooks,
  portNumber,
  wholeNumber,
  writtenHooks,
} from './declared-schema.js'
import {namePattern} from './names.js'
import {prose, urlPathText} from './schema.js'
import {failurePolicies} from './strategy.js'

const glob = v.pipe(
  v.string('must be a glob such as smoke/**/*.hurl'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must be at most 200 characters'),
  v.regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\\]*$/, 'must stay below the service directory'),
)

const programs = list(
  v.pipe(
    v.string('must be the name of a program such as python3'),
    v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/, 'must be the name of a program such as python3'),
  ),
  50,
)

const batchMessage = 'must be a number of hosts such as 2, or a share of them such as "25%"'

const hostCount = v.pipe(
  v.number(batchMessage),
  v.integer(batchMessage),
  v.minValue(1, batchMessage),
  v.maxValue(1_000, batchMessage),
)

const hostShare = v.pipe(v.string(batchMessage), v.regex(/^(?:100|[1-9][0-9]?)%$/, batchMessage))

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
    described(portNumber, 'The port in development. Deployed instances are given one in $PORT.'),
  ),
  build: v.optional(
    described(
      list(command),
      'Commands run one after another in a clean copy of the commit; what is left is shipped.',
      [['npm ci', 'npm run build']],
    ),
  ),
  buildTimeout: v.optional(described(duration, 'How long the build may take in all. 10m unless given.')),
  health: v.optional(
    described(
      group({
        path: v.optional(
          described(
            urlPathText('must be a path such as /readyz'),
            'Answers 2xx when the instance wants traffic. /readyz unless given.',
            ['/readyz'],
          ),
        ),
        tcp: v.optional(
          described(
            v.literal(true, 'must be true, or not be there'),
            'In place of `path`: it is well while it accepts connections.',
          ),
        ),
        stays: v.optional(
          described(
            duration,
            'In place of `path`: it is well once it has run for so long without ending. For workers.',
            ['10s'],
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
        websockets: v.optional(
          described(
            duration,
            'How long its WebSockets may stay open then; the same time as requests unless given.',
            ['2m'],
          ),
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
    described(list(glob), 'Smoke files, run after traffic moved. smoke/**/*.hurl unless given.', [
      ['smoke/**/*.hurl'],
    ]),
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
  limits: v.optional(
    described(
      group({
        memory: v.optional(
          described(
            byteSize('512MB'),
            'Memory of one instance; one that takes more is ended. No limit unless given.',
            ['512MB'],
          ),
        ),
        tasks: v.optional(
          described(
            wholeNumber(1, 4_194_304),
            'Processes and threads of one instance. No limit unless given.',
            [200],
          ),
        ),
      }),
      'What an instance may take at most.',
    ),
  ),
  needs: v.optional(
    described(
      programs,
      'Programs that a host must have, such as python3; asked for before anything is sent there.',
      [['python3']],
    ),
  ),
  deploy: v.optional(
    described(
      group({
        strategy: v.optional(
          described(
            v.picklist(['rolling', 'blue-green', 'canary'], 'must be rolling, blue-green or canary'),
            'How a release takes the place of the one before it. rolling unless given.',
          ),
        ),
        batch: v.optional(
          described(
            v.union([hostCount, hostShare], batchMessage),
            'How many hosts get the release at a time, or which share of them. 1 unless given.',
            [2, '25%'],
          ),
        ),
        weight: v.optional(
          described(wholeNumber(1, 99), 'Percent of the traffic that a canary gets. 10 unless given.', [10]),
        ),
        bake: v.optional(
          described(
            duration,
            'How long a canary is watched before the others follow, 2m unless given; with the other strategies, how long all are watched before the old ones are ended, not at all unless given.',
            ['2m'],
          ),
        ),
        onFailure: v.optional(
          described(
            v.picklist(failurePolicies, 'must be rollback, pause or continue'),
            'What is done when a batch fails: all goes back, everything stays as it is, or the other hosts go on. rollback unless given.',
          ),
        ),
      }),
      'How it is deployed, where the command line says nothing else.',
    ),
  ),
  hooks: v.optional(
    described(
      writtenHooks,
      'Command lines run on the machine that deploys, in the directory of the service.',
      [{afterDeploy: ['./scripts/warm-up.sh']}],
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
      [{LOG_LEVEL: 'info'}],
    ),
  ),
})

/** The same with every hook as a group: problems in it then have a place. */
export const serviceFileGroupSchema = group({
  ...serviceFileSchema.entries,
  hooks: v.optional(normalHooks),
})

export type ServiceFileText = v.InferOutput<typeof serviceFileGroupSchema>
