import {type SmokeFailure, type SmokeFileReport, type SmokeReport, type SmokeStepReport} from './report.js'

/** The report as JUnit XML: one suite for each file, one case for each step. */
export function junitXml(report: SmokeReport): string {
  const tests = report.files.reduce((sum, file) => sum + caseCount(file), 0)
  const attributes = `name="${attribute(`smoke ${report.service}`)}" tests="${tests}" failures="${failedSteps(report.files)}"`
  const suites = report.files.map((file) => suite(file, report))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes} time="${seconds(report.millis)}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(file: SmokeFileReport, report: SmokeReport): string {
  const skipped = file.steps.filter(({outcome}) => outcome === 'skipped').length + file.notRun
  return [
    `  <testsuite name="${attribute(file.file)}" timestamp="${report.startedAt}" tests="${caseCount(file)}"` +
      ` failures="${failedSteps([file])}" errors="0" skipped="${skipped}" time="${seconds(file.millis)}">`,
    ...file.steps.map((step) => testCase(step, file)),
    ...Array.from({length: file.notRun}, (_, index) => notRun(file, file.steps.length + index + 1)),
    '  </testsuite>',
  ].join('\n')
}

function testCase(step: SmokeStepReport, file: SmokeFileReport): string {
  const open = `    <testcase classname="${attribute(file.file)}" name="${attribute(`${step.number} ${step.title}`)}" time="${seconds(step.millis)}"`
  if (step.outcome === 'skipped') return `${open}><skipped/></testcase>`
  if (step.failures.length === 0) return `${open}/>`
  const [first] = step.failures
  const message = first === undefined ? '' : `expected ${first.expected}, actual ${first.actual}`
  const details = step.failures.map((failure) => failureText(failure, file.file)).join('\n')
  return `${open}>\n      <failure type="${first?.kind ?? 'assert'}" message="${attribute(message)}">${content(details)}</failure>\n    </testcase>`
}

function notRun(file: SmokeFileReport, number: number): string {
  return `    <testcase classname="${attribute(file.file)}" name="${number}" time="0.000"><skipped message="an earlier step failed"/></testcase>`
}

function failureText(failure: SmokeFailure, file: string): string {
  const {line, column} = failure.position
  return `${file}:${line}:${column} ${failure.kind}\n  expected: ${failure.expected}\n  actual:   ${failure.actual}`
}

function caseCount(file: SmokeFileReport): number {
  return file.steps.length + file.notRun
}

function failedSteps(files: SmokeFileReport[]): number {
  return files.flatMap(({steps}) => steps).filter(({outcome}) => outcome === 'failed').length
}

function seconds(millis: number): string {
  return (millis / 1_000).toFixed(3)
}

function attribute(text: string): string {
  return content(text)
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;')
}

function content(text: string): string {
  return withoutInvalidCharacters(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** XML 1.0 has no spelling for most control characters and for halves of surrogate pairs. */
function withoutInvalidCharacters(text: string): string {
  return Array.from(text, (character) =>
    isXmlCharacter(character.codePointAt(0) ?? 0) ? character : '\uFFFD',
  ).join('')
}

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff
}
