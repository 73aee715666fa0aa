import * as v from 'valibot'

import {described} from './declared-schema.js'
import {type Deploy, deploySchema, deploySteps} from './deploy.js'
import {withoutLikelySecrets} from './likely-secrets.js'
import {type Release, releaseId} from './release.js'
import {commit, count, instant, name, text} from './schema.js'
import {hookMoments} from './service.js'
import {strategySchema} from './strategy.js'

/** What people and other programs are told of, besides the moments at which hooks are run. `test` is about no deploy. */
const noticeKinds = ['started', 'succeeded', 'failed', 'rolled-back', 'test'] as const

/** What a hook reads on stdin, and what a webhook is sent. Additions don't change `v`. */
export const deployEventSchema = v.object({
  v: v.literal(1),
  event: described(
    v.picklist([...noticeKinds, ...hookMoments]),
    'What happened, or the moment at which a hook is run.',
  ),
  at: described(instant, 'When it happened.'),
  service: described(name, 'The service that is deployed.', ['billing']),
  environment: described(name, 'Where it goes.', ['staging']),
  deploy: described(count, 'Number of the deploy, within the service and environment.', [128]),
  kind: described(deploySchema.entries.kind, 'What the deploy is made for.'),
  release: v.optional(described(text, 'Absent until it is made.', ['billing-r42'])),
  before: v.optional(
    described(text, 'The release that had the traffic when the deploy began.', ['billing-r41']),
  ),
  live: v.optional(
    described(
      text,
      "The release that has the traffic now; absent while that isn't settled, or nothing of the service is live.",
      ['billing-r42'],
    ),
  ),
  ref: described(text, 'Branch, tag or commit that was asked for.', ['main']),
  commit: v.optional(described(commit, 'What was asked for, once that is found out.')),
  dirty: described(v.boolean(), 'Whether changes that are not committed went along.'),
  strategy: v.optional(described(strategySchema, 'How the new release takes the place of the old one.')),
  by: described(text, 'Who deploys.', ['ada@laptop']),
  host: described(text, 'The machine that deploys.', ['laptop']),
  startedAt: described(instant, 'When the deploy began.'),
  durationMillis: v.optional(described(count, 'Until now, or until it was over.')),
  outcome: v.optional(described(deploySchema.entries.outcome, 'How it ended; absent before that.')),
  failedStep: v.optional(described(v.picklist(deploySteps), 'The step that failed.')),
  failedHosts: v.optional(
    described(
      v.array(v.object({host: name, why: text})),
      'Hosts that did not get the release, each with the reason.',
    ),
  ),
  why: v.optional(described(text, 'Why the deploy failed.')),
  killed: v.optional(
    described(v.array(text), 'Instances that ignored SIGTERM for their whole grace time, and were killed.'),
  ),
  lastLines: v.optional(
    described(v.array(text), 'What the failing step or instance wrote last, oldest first.'),
  ),
})

/** Something happened in a deploy. It leaves the team's machines, so it holds no secret that can be told as one. */
export type DeployEvent = v.InferOutput<typeof deployEventSchema>

export interface EventParts {
  event: DeployEvent['event']
  at: Date
  record: Deploy
  release?: Pick<Release, 'number'> | undefined
  /** Number of the release that has the traffic now. */
  live?: number | undefined
  /** What the failing step or instance wrote last, as it wrote it. */
  lastLines?: readonly string[]
  /** Hides the values of opened secrets. */
  hide?: (text: string) => string
}

const mostLines = 50
const mostLineLength = 500

/** An event in the life of a deploy, from its record. Output is harmless on a terminal, and has its secrets hidden. */
export function deployEventOf(parts: EventParts): DeployEvent {
  const {at, event, hide = (text: string) => text, lastLines = [], live, record, release} = parts
  const told = (text: string) => withoutLikelySecrets(hide(withoutControls(text)))
  const {commit, failedHosts, failedStep, finishedAt, killed, service, strategy, why} = record
  const number = release?.number ?? record.release
  const isOver = record.outcome !== 'running'
  return {
    v: 1,
    event,
    at: at.toISOString(),
    service,
    environment: record.environment,
    deploy: record.number,
    kind: record.kind,
    ...(number !== undefined && {release: releaseId(service, number)}),
    ...(record.before !== undefined && {before: releaseId(service, record.before)}),
    ...(live !== undefined && {live: releaseId(service, live)}),
    ref: record.ref,
    ...(commit !== undefined && {commit}),
    dirty: record.dirty,
    ...(strategy !== undefined && {strategy}),
    by: record.by,
    host: record.host,
    startedAt: record.startedAt,
    durationMillis: Math.max(0, Date.parse(finishedAt ?? at.toISOString()) - Date.parse(record.startedAt)),
    ...(isOver && {outcome: record.outcome}),
    ...(failedStep !== undefined && {failedStep}),
    ...(failedHosts !== undefined && {
      failedHosts: failedHosts.map(({host, why}) => ({host, why: told(why)})),
    }),
    ...(killed !== undefined && {killed}),
    ...(why !== undefined && {why: told(why)}),
    ...(lastLines.length > 0 && {
      lastLines: lastLines.slice(-mostLines).map((line) => told(line).slice(0, mostLineLength)),
    }),
  }
}

function withoutControls(line: string): string {
  return line.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ').slice(0, 4_000)
}
