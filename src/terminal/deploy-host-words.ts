import {releaseId} from '../domain/release.js'
import {type DeployShowReport, type ShownHost} from '../lifecycle/deploy/journal/show.js'
import {paint} from './colors.js'
import {type Cell} from './table.js'

/** Where a host stands with a deploy, for a person who doesn't know its steps. */
export function hostWords(deploy: DeployShowReport, host: ShownHost): Cell {
  switch (deploy.state) {
    case 'live':
      return got(deploy, host)
    case 'partial':
      return whyLeftOut(deploy, host) === undefined ? got(deploy, host) : failedAndBack(deploy, host)
    case 'failed':
    case 'interrupted':
    case 'aborted':
      return broughtBack(deploy, host)
    case 'running':
    case 'paused':
    case 'abandoned':
      return underWay(deploy, host)
  }
}

function got(deploy: DeployShowReport, host: ShownHost): Cell {
  const left = leftWords(host)
  const text = `got ${idOf(deploy)}`
  return left === undefined ? {text, style: paint.good} : {text: `${text}; ${left}`, style: paint.warn}
}

function broughtBack(deploy: DeployShowReport, host: ShownHost): Cell {
  if (host.outcome === 'failed') return failedAndBack(deploy, host)
  const left = leftWords(host)
  if (left !== undefined) return {text: left, style: paint.bad}
  if (host.outcome === 'waiting') return {text: 'was never reached', style: paint.dim}
  return {text: hadBefore, style: paint.dim}
}

function failedAndBack(deploy: DeployShowReport, host: ShownHost): Cell {
  return {text: `${failedWords(deploy, host)}; ${leftWords(host) ?? hadBefore}`, style: paint.bad}
}

const hadBefore = 'has what it had before'

/** What is there although it should have ended; undefined when nothing is. */
function leftWords({left = []}: ShownHost): string | undefined {
  if (left.length === 0) return undefined
  const names = left.length > 3 ? `${left.length} instances` : left.join(', ')
  return `${names} may still run there, the next deploy ends ${left.length === 1 ? 'it' : 'them'}`
}

function underWay(deploy: DeployShowReport, host: ShownHost): Cell {
  const {outcome, step = 'its first step'} = host
  if (outcome === 'failed') return failedThere(deploy, host)
  if (host.hasTraffic === true || isMoved(deploy, host))
    return {text: `${idOf(deploy)} has its traffic`, style: paint.good}
  if (outcome === 'waiting') return {text: 'not reached yet', style: paint.dim}
  if (outcome === 'running') return {text: `at work on ${step}`, style: paint.command}
  if (outcome === 'cut') return {text: `cut short in ${step}`, style: paint.bad}
  return {text: reached[step] ?? `done with ${step}`, style: paint.warn}
}

/** What is so once a step is over, while the traffic is still where it was. */
const reached: Readonly<Record<string, string>> = {
  check: 'was looked at',
  unpack: 'has the files, runs nothing of it yet',
  start: 'new instances run, without traffic',
  health: 'new instances are ready, without traffic',
}

/** Traffic moves for a whole batch; where there is one batch alone, its steps have no number. */
function isMoved({steps}: DeployShowReport, {batch}: ShownHost): boolean {
  const last = steps.findLast((step) => step.step === 'move' && (step.batch ?? 1) === batch)
  return last?.outcome === 'done'
}

function failedThere(deploy: DeployShowReport, host: ShownHost): Cell {
  return {text: failedWords(deploy, host), style: paint.bad}
}

function failedWords(deploy: DeployShowReport, host: ShownHost): string {
  const {detail, step} = host
  const told = whyLeftOut(deploy, host) ?? detail
  // Where a line is about a host, its name need not begin it.
  const why = told?.startsWith(`${host.host}: `) ? told.slice(host.host.length + 2) : told
  const at = step === undefined || host.outcome !== 'failed' ? 'failed' : `failed at ${step}`
  return why === undefined ? at : `${at}: ${why.split('\n', 1)[0] ?? ''}`
}

function whyLeftOut({failedHosts = []}: DeployShowReport, {host}: ShownHost): string | undefined {
  return failedHosts.find((one) => one.host === host)?.why
}

function idOf({release, service}: DeployShowReport): string {
  return release === undefined ? 'the new release' : releaseId(service, release)
}
