import {type DownReport} from '../lifecycle/down.js'
import {type UpReport} from '../lifecycle/up.js'
import {paint} from './colors.js'

export function upView(report: UpReport): string {
  const state = report.started ? 'is up' : `is up already, since ${report.since}`
  return [
    `${paint.strong(report.environment)} ${state}: services answer at ${paint.command(report.url)} (HAProxy ${report.haproxyVersion})`,
    '',
    `Next: ${paint.command('yard generate service hello')}   make a service`,
    `      ${paint.command('yard status')}                   what runs where`,
    `      ${paint.command('yard down')}                     stop it again`,
  ].join('\n')
}

export function supervisedView(report: UpReport): string {
  return `${paint.strong(report.environment)} is up: services answer at ${paint.command(report.url)}. Ctrl-C stops it.`
}

export function downView({environment, stopped}: DownReport): string {
  if (stopped.length === 0) return `Nothing of ${environment} is running.`
  return `Stopped ${stopped.join(', ')}.`
}
