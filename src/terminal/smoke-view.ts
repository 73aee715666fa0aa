import {neutralise} from '../domain/logs/escapes.js'
import {
  type ShownExchange,
  type SmokeFailure,
  type SmokeFileReport,
  type SmokeReport,
  type SmokeStepReport,
} from '../domain/smoke/report.js'
import {paint} from './colors.js'
import {elapsed} from './elapsed.js'

/** One line for each file, everything known about a step that failed, and a verdict. */
export function smokeView(report: SmokeReport): string {
  const lines = report.files.flatMap(fileLines)
  return [...lines, ...(lines.length > 0 ? [''] : []), verdict(report)].join('\n')
}

function fileLines(file: SmokeFileReport): string[] {
  const isPassed = file.outcome === 'passed'
  const mark = isPassed ? paint.good('✓') : paint.bad('✗')
  const head = `${mark} ${neutralise(file.file)}  ${paint.dim(`${counted(file.requests, 'request')}, ${elapsed(file.millis)}`)}`
  if (isPassed) return [head]
  const total = file.steps.length + file.notRun
  const failed = file.steps
    .filter(({outcome}) => outcome === 'failed')
    .flatMap((step) => stepLines(step, file, total))
  const rest = file.notRun > 0 ? [paint.dim(`  ${counted(file.notRun, 'step')} after it not run`)] : []
  return [head, ...failed, ...rest]
}

function stepLines(step: SmokeStepReport, file: SmokeFileReport, total: number): string[] {
  return [
    `  ${paint.strong(`step ${step.number} of ${total}: ${neutralise(step.title)}`)}${attempts(step)}`,
    ...step.failures.flatMap((failure) => failureLines(failure, file.file)),
    ...step.notes.map((note) => `    ${paint.warn('!')} ${neutralise(note)}`),
    ...(step.exchange === undefined ? [] : exchangeLines(step.exchange)),
  ]
}

function attempts({attempts: all}: SmokeStepReport): string {
  if (all.length < 2) return ''
  const outcomes = all.map(({status}) => (status === undefined ? 'no response' : String(status)))
  const shown = outcomes.length > 8 ? [...outcomes.slice(0, 7), `… ${String(outcomes.at(-1))}`] : outcomes
  return paint.dim(`  (${all.length} attempts: ${shown.join(', ')})`)
}

function failureLines({position, kind, expected, actual}: SmokeFailure, file: string): string[] {
  const place = `${neutralise(file)}:${position.line}:${position.column}`
  return [
    `    ${paint.bad(place)}  ${kind}`,
    ...labelled('expected: ', expected),
    ...labelled('actual:   ', actual),
  ]
}

function labelled(label: string, text: string): string[] {
  const [first = '', ...rest] = text.split('\n').slice(0, 30)
  return [`      ${label}${neutralise(first)}`, ...rest.map((line) => `                ${neutralise(line)}`)]
}

function exchangeLines({request, response}: ShownExchange): string[] {
  const sent = [
    `${request.method} ${request.url}`,
    ...request.headers.map(headerLine),
    ...bodyLines(request.body ?? ''),
  ]
  const lines = sent.map((line) => `    ${paint.dim(`> ${neutralise(line)}`)}`)
  if (response === undefined) return [...lines, `    ${paint.dim('< no response')}`]
  const cut = response.isCut ? [`… ${response.bodyBytes} bytes in all`] : []
  const received = [
    `HTTP/${response.version} ${response.status}`,
    ...response.headers.map(headerLine),
    ...bodyLines(response.body),
    ...cut,
  ]
  return [...lines, ...received.map((line) => `    ${paint.dim(`< ${neutralise(line)}`)}`)]
}

function headerLine([name, value]: [string, string]): string {
  return `${name}: ${value}`
}

function bodyLines(body: string): string[] {
  return body === '' ? [] : ['', ...body.replace(/\n$/, '').split(/\r?\n/)]
}

function verdict(report: SmokeReport): string {
  const where = `${report.service} in ${report.environment}`
  const spent = paint.dim(`(${counted(report.requests, 'request')}, ${elapsed(report.millis)})`)
  const failed = report.files.filter(({outcome}) => outcome === 'failed').length
  switch (report.outcome) {
    case 'passed':
      return `${paint.good(`${counted(report.files.length, 'smoke test')} of ${where} passed`)} ${spent}`
    case 'skipped':
      return `${where} has no smoke tests`
    case 'unreachable':
      return `${paint.bad(`Nothing answers at ${neutralise(report.baseUrl)}`)} ${spent}`
    case 'failed': {
      const files = `${failed} of ${counted(report.files.length, 'smoke test')} of ${where} failed`
      return `${paint.bad(`${files}, ${counted(report.failures, 'check')} in all`)} ${spent}`
    }
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
