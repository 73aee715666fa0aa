import {neutralise} from '../domain/logs/escapes.js'
import {paint} from './colors.js'

export interface ShownServer {
  url: string
  catalog: string
}

export function servingView({catalog, url}: ShownServer): string {
  return [
    `${paint.good('✓')} Serving ${neutralise(catalog)} on ${paint.strong(url)}`,
    '',
    'Others use it with a token:',
    paint.command(`  export YARD_CATALOG=${url}`),
    paint.command('  export YARD_TOKEN=yard_…') +
      paint.dim('   # from "yard tokens create NAME --role deployer"'),
    '',
    paint.dim('Requests are logged below, as lines of JSON. Ctrl-C ends it.'),
  ].join('\n')
}
