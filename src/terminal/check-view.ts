import {type CheckFinding, type CheckReport} from '../lifecycle/check.js'
import {paint} from './colors.js'

export function checkView({calls, hints, problems, services}: CheckReport): string {
  const scope = `${counted(services, 'service')}, ${counted(calls, 'call')}`
  const verdict =
    problems.length === 0
      ? `${paint.good('✓')} Every call has its consumer (${scope})`
      : `${paint.bad('✗')} ${counted(problems.length, 'problem')} (${scope})`
  return [
    ...problems.flatMap((finding) => lines(paint.bad('✗'), finding)),
    ...hints.flatMap((finding) => lines(paint.warn('!'), finding)),
    ...(problems.length + hints.length === 0 ? [] : ['']),
    verdict,
  ].join('\n')
}

function lines(mark: string, {mend, text}: CheckFinding): string[] {
  return [`${mark} ${text}`, `    ${paint.command(mend)}`]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
