import {neutralise} from '../domain/logs/escapes.js'
import {type InitPlatformReport} from '../lifecycle/platform/init.js'
import {paint} from './colors.js'
import {safeBlock} from './safe-text.js'

/** What was written and what to do next; for a dry run, the file itself. */
export function initView({dryRun, file, text}: InitPlatformReport): string {
  if (dryRun) return safeBlock(text.trimEnd())
  return [
    `${paint.good('✓')} Wrote ${neutralise(file)}`,
    '',
    'Declare your environments and hosts there, then',
    `Next: ${paint.command('yard catalog diff')}`,
  ].join('\n')
}
