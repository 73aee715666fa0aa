import * as v from 'valibot'

import {certificateDirectoryPattern, defaultRouterPort, defaultRoutingHeader} from './environment.js'
import {
  byteSize,
  described,
  flag,
  group,
  line,
  list,
  normalHooks,
  portNumber,
  wholeNumber,
  writtenHooks,
} from './declared-schema.js'
import {namePattern} from './names.js'
import {normalNotifications, writtenNotifications} from './platform-notifications.js'
import {ipv4Text, prose} from './schema.js'

const named = <S extends v.GenericSchema>(value: S) =>
  v.record(v.pipe(v.string(), v.regex(namePattern)), value, 'must be a group of names, each with its values')

const routing = group({
  header: v.optional(
    described(
      v.pipe(
        v.string('must be the name of a header such as Yard-Service'),
        v.regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a header such as Yard-Service'),
      ),
      `The header that names the service a request is for. ${defaultRoutingHeader} unless given.`,
    ),
  ),
  port: v.optional(
    described(portNumber, `Where HAProxy listens on every host. ${defaultRouterPort} unless given.`),
  ),
  statisticsPort: v.optional(
    described(
      portNumber,
      'Where each host shows the figures of its HAProxy to itself. The port after `port` unless given; on this machine nowhere.',
    ),
  ),
  scope: v.optional(
    described(
      v.picklist(['all', 'consumers'], 'must be all or consumers'),
      'What a host routes to: `all` services, unless given, or those that what runs on it calls (`consumers`).',
    ),
  ),
})

const edge = group({
  httpPort: v.optional(described(portNumber, 'Where HTTP is served. 80 unless given.')),
  httpsPort: v.optional(
    described(portNumber, 'Where HTTPS is served. 443 unless given, and nowhere without `certificates`.'),
  ),
  certificates: v.optional(
    described(
      v.pipe(
        v.string('must be an absolute path such as /etc/yard/certificates'),
        v.regex(
          certificateDirectoryPattern,
          'must be an absolute path such as /etc/yard/certificates, made of letters, digits, dots, dashes and underscores',
        ),
      ),
      'Directory on those hosts with PEM files, each a certificate with its chain and its key.',
    ),
  ),
  redirect: v.optional(described(flag, 'Sends HTTP to HTTPS. True unless given, where there is HTTPS.')),
  requestsPerMinute: v.optional(
    described(
      wholeNumber(1, 10_000_000),
      'Requests that one address may send in a minute. No limit unless given.',
    ),
  ),
  maxBody: v.optional(described(byteSize('10MB'), 'Larger requests are refused. 10MB unless given.')),
})

const catalogUrl = v.pipe(
  v.string('must be a URL such as sqlite:catalog.db'),
  v.maxLength(1_000, 'must be at most 1000 characters'),
  v.regex(
    /^(?:sqlite:|etcds?:\/\/|https?:\/\/)[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$/,
    'must be such as sqlite:catalog.db, etcds://10.0.0.1:2379,10.0.0.2:2379 or https://yard.example.org',
  ),
  v.check(
    (url) => !/^[a-z]+:\/\/[^/]*@/.test(url),
    'must not hold a user or a password: everybody who sees the file sees it',
  ),
)

const catalogGroup = group({
  url: described(catalogUrl, 'sqlite:FILE, etcd://HOST,HOST (etcds:// with TLS) or https://HOST.'),
  ca: v.optional(described(line('ca.pem'), 'File with the certificates that the catalog is trusted by.')),
  certificate: v.optional(described(line('client.pem'), 'File with the certificate to show to the catalog.')),
  key: v.optional(described(line('client-key.pem'), 'File with the key of that certificate.')),
  user: v.optional(described(line('yard'), 'User of etcd; the password is in YARD_CATALOG_PASSWORD.')),
})

const host = group({
  address: described(
    ipv4Text('must be an IPv4 address such as 10.0.0.11'),
    'Where other hosts reach it: IPv4, four decimal numbers.',
    ['10.0.0.11'],
  ),
  zone: v.optional(
    described(
      v.pipe(v.string('must be a name such as a'), v.regex(namePattern, 'must be a name such as a')),
      'Hosts of one zone are lost together.',
    ),
  ),
  description: v.optional(described(prose(500), 'What the machine is.')),
  edge: v.optional(described(flag, 'Faces the outside, as `edge` of its environment says.')),
})

const environment = group({
  order: v.optional(
    described(
      v.pipe(
        v.number('must be a whole number from 0'),
        v.integer('must be a whole number from 0'),
        v.minValue(0, 'must be a whole number from 0'),
        v.maxValue(100_000, 'must be at most 100000'),
      ),
      'Environments are listed by it. The place in this file unless given.',
    ),
  ),
  protected: v.optional(described(flag, 'Changes there must be confirmed.')),
  personal: v.optional(described(flag, 'Belongs to the person who made it.')),
  routing: v.optional(described(routing, 'Replaces the routing of the whole platform here.')),
  edge: v.optional(described(edge, 'How hosts with `edge: true` serve public names.')),
  hosts: v.optional(described(named(host), 'The machines of the environment, by name.')),
})

const recipient = v.pipe(
  v.string('must be an age public key'),
  v.maxLength(4_000, 'must be at most 4000 characters'),
  v.regex(
    /^age1[02-9ac-hj-np-z]{58}(?:\s[^\u0000-\u001f\u007f-\u009f]*)?$/,
    'must be an age public key: age1 and 58 letters and digits',
  ),
)

/** A word that goes to ssh: never an option of it. */
const sshWord = (example: string) =>
  v.pipe(
    v.string(`must be text such as ${example}`),
    v.maxLength(500, 'must be at most 500 characters'),
    v.regex(/^[A-Za-z0-9_.~/][A-Za-z0-9_.~/@:,%+-]*$/, `must be such as ${example}`),
  )

/** `yard.yaml`, as it is written. Free of transformations, so that editors get a JSON Schema of it. */
export const platformFileSchema = group({
  catalog: v.optional(
    described(
      v.union([catalogUrl, catalogGroup]),
      'The catalog of the team: a URL, or a group with its certificates.',
    ),
  ),
  recipients: v.optional(
    described(
      list(recipient),
      'Who can open secrets: age public keys, each with a remark behind it if you like.',
    ),
  ),
  routing: v.optional(described(routing, 'How requests find their service.')),
  environments: v.optional(
    described(
      named(v.nullable(environment)),
      'The environments by name. `local` is always there, and only its routing can be set.',
    ),
  ),
  notifications: v.optional(described(writtenNotifications, 'Who is told of deploys.')),
  hooks: v.optional(
    described(
      writtenHooks,
      'Command lines run around every deploy, on the machine that deploys, in the directory of this file.',
    ),
  ),
  ssh: v.optional(
    described(
      group({
        user: v.optional(
          described(
            sshWord('deploy'),
            'Whom to log in as, on every host. What `yard host setup` made, unless given.',
          ),
        ),
        port: v.optional(described(portNumber, 'Where their sshd listens. 22 unless given.')),
        identityFile: v.optional(
          described(
            sshWord('~/.ssh/id_ed25519'),
            'File with the private key, relative to this one. The agent and those of ssh unless given.',
            ['~/.ssh/id_ed25519'],
          ),
        ),
        proxyJump: v.optional(
          described(
            sshWord('bastion.example.org'),
            'Host to go through, with a user and a port if you like; several with commas.',
            ['ada@bastion.example.org:2222'],
          ),
        ),
      }),
      'How hosts are reached.',
    ),
  ),
})

/** The same with the catalog, mail and every hook always as a group: problems in them then have a place. */
export const platformFileGroupSchema = group({
  ...platformFileSchema.entries,
  catalog: v.optional(catalogGroup),
  notifications: v.optional(normalNotifications),
  hooks: v.optional(normalHooks),
})

export type PlatformFileText = v.InferOutput<typeof platformFileGroupSchema>
