import {type Deploy} from '../../src/domain/deploy.js'
import {type DeployEvent, deployEventOf, type EventParts} from '../../src/domain/deploy-event.js'
import {aCommit} from './records.js'

export function aDeployRecord(changes: Partial<Deploy> = {}): Deploy {
  return {
    v: 1,
    number: 128,
    service: 'billing',
    environment: 'production',
    kind: 'deploy',
    ref: 'main',
    commit: aCommit,
    dirty: false,
    before: 41,
    by: 'ada@laptop',
    host: 'laptop',
    startedAt: '2026-11-20T12:00:00.000Z',
    outcome: 'running',
    ...changes,
  }
}

/** An event of that deploy, half a minute after it began. */
export function aDeployEvent(parts: Partial<EventParts> = {}): DeployEvent {
  return deployEventOf({
    event: 'started',
    at: new Date('2026-11-20T12:00:30.000Z'),
    record: aDeployRecord(),
    release: {number: 42},
    ...parts,
  })
}

/** One that failed on a host, with what the instance wrote last. */
export function aFailedEvent(parts: Partial<EventParts> = {}): DeployEvent {
  return aDeployEvent({
    event: 'failed',
    record: aDeployRecord({
      outcome: 'failed',
      failedStep: 'health',
      why: 'web-2: GET /readyz answers 503',
      failedHosts: [{host: 'web-2', why: 'GET /readyz answers 503'}],
      finishedAt: '2026-11-20T12:00:30.000Z',
    }),
    live: 41,
    lastLines: ['starting', 'no database'],
    ...parts,
  })
}
