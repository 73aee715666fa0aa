import {shortCommit} from './build-id.js'
import {type DeployEvent} from './deploy-event.js'

/** What people are told of a deploy, free of any markup. */
export interface Notice {
  title: string
  facts: string[]
  /** Output that explains a failure, oldest first; empty otherwise. */
  excerpt: string[]
}

const mostExcerptLines = 15

/** An event in words for people. */
export function noticeOf(event: DeployEvent): Notice {
  const {lastLines = []} = event
  if (event.event === 'test') {
    const facts = [
      `Sent by ${event.by} from ${event.host}. Deploys in ${event.environment} are told of here.`,
    ]
    return {title: 'A test of the notifications of yard', facts, excerpt: []}
  }
  return {title: titleOf(event), facts: factsOf(event), excerpt: lastLines.slice(-mostExcerptLines)}
}

/** The same as plain text. */
export function noticeText({excerpt, facts}: Notice): string {
  const lines = excerpt.length === 0 ? [] : ['', 'Last lines:', ...excerpt.map((line) => `    ${line}`)]
  return [...facts, ...lines, ''].join('\n')
}

function titleOf(event: DeployEvent): string {
  const {environment, failedHosts = [], live, service} = event
  const what = event.release ?? service
  switch (event.event) {
    case 'started':
      return `${startTexts[event.kind]} of ${service} in ${environment} begins`
    case 'succeeded':
      return failedHosts.length === 0
        ? `${what} is live in ${environment}`
        : `${what} is live in ${environment}, but not on ${namesOf(failedHosts)}`
    case 'rolled-back':
      return `${service} is back at ${live ?? what} in ${environment}`
    case 'failed':
      return `${what} ${failureText(event)} in ${environment}`
    default:
      return `${event.event} of ${what} in ${environment}`
  }
}

const startTexts: Readonly<Record<DeployEvent['kind'], string>> = {
  deploy: 'A deploy',
  rollback: 'A rollback',
  promote: 'A promotion',
  scale: 'A change of the scale',
  restart: 'A restart',
}

function failureText({outcome}: DeployEvent): string {
  if (outcome === 'paused') return 'is paused'
  return outcome === 'interrupted' || outcome === 'aborted' ? `was ${outcome}` : 'did not go live'
}

function factsOf(event: DeployEvent): string[] {
  const {before, by, commit, dirty, durationMillis = 0, failedHosts = [], failedStep} = event
  const {killed = [], live, ref, why} = event
  const source = commit === undefined ? ref : `${ref} at ${shortCommit(commit, dirty)}`
  const over = before === undefined ? '' : `, in place of ${before}`
  const isStart = event.event === 'started'
  return [
    `Deploy ${event.deploy} by ${by}: ${source}${over}`,
    ...(failedStep === undefined ? [] : [`Step: ${failedStep}`]),
    ...(why === undefined ? [] : [`Why: ${why}`]),
    ...failedHosts.map((failed) => `${failed.host}: ${failed.why}`),
    ...(killed.length === 0 ? [] : [`Ignored SIGTERM and killed: ${killed.join(', ')}`]),
    ...(event.event === 'failed' ? [liveText(live)] : []),
    ...(isStart ? [] : [`Took ${(durationMillis / 1_000).toFixed(durationMillis < 10_000 ? 1 : 0)} s`]),
  ]
}

function liveText(live: string | undefined): string {
  return live === undefined ? 'Nothing of it is live.' : `${live} has the traffic.`
}

function namesOf(hosts: readonly {host: string}[]): string {
  return hosts.map(({host}) => host).join(', ')
}
