import {type SmokePosition} from './position.js'

/** What came of running the smoke tests of a service. Plain data, free of secrets. */
export interface SmokeReport {
  service: string
  environment: string
  baseUrl: string
  release?: number
  /** `unreachable`: nothing answered at all. `skipped`: there are no smoke tests and that was all right. */
  outcome: 'passed' | 'failed' | 'unreachable' | 'skipped'
  startedAt: string
  millis: number
  requests: number
  /** How many checks failed, in all files. */
  failures: number
  /** Sorted by name. */
  files: SmokeFileReport[]
}

export interface SmokeFileReport {
  /** Below the directory of the service. */
  file: string
  outcome: 'passed' | 'failed'
  millis: number
  requests: number
  steps: SmokeStepReport[]
  /** Steps after the first that failed. */
  notRun: number
}

/** One request of a file with its response. */
export interface SmokeStepReport {
  /** From 1. */
  number: number
  position: SmokePosition
  /** As it is written in the file: `GET {{base_url}}/`. */
  title: string
  outcome: 'passed' | 'failed' | 'skipped'
  millis: number
  attempts: SmokeAttempt[]
  /** Of the last attempt; all of them. */
  failures: SmokeFailure[]
  /** What was sent and received in the last attempt of a step that failed. */
  exchange?: ShownExchange
  /** Such as what a redirect left behind. */
  notes: string[]
}

export interface SmokeAttempt {
  millis: number
  status?: number
  failures: number
}

export interface SmokeFailure {
  kind: 'status' | 'version' | 'header' | 'body' | 'capture' | 'assert' | 'request'
  position: SmokePosition
  expected: string
  actual: string
}

export interface ShownExchange {
  request: {method: string; url: string; headers: [name: string, value: string][]; body?: string}
  response?: {
    status: number
    version: string
    headers: [name: string, value: string][]
    /** At most 2 KiB of it. */
    body: string
    bodyBytes: number
    isCut: boolean
  }
}
