import {type AuditEntry} from '../domain/audit-entry.js'
import {type AuditVerifyReport} from '../lifecycle/audit/verify.js'
import {paint} from './colors.js'
import {ago, elapsed} from './elapsed.js'
import {displayWidth, table} from './table.js'

/** Longer names would push the columns behind them off the screen; `--json` has them whole. */
const whoColumns = 32

/** Rows as a table, the newest last. */
export function auditView(rows: readonly AuditEntry[], now: Date): string {
  if (rows.length === 0) return 'No change is recorded that fits.'
  const cells = rows.map((row) => [
    String(row.number),
    ago(row.at, now),
    who(row),
    {text: [row.command, ...(row.arguments ?? [])].join(' '), style: paint.strong},
    row.service ?? '-',
    row.environment ?? '-',
    row.outcome === 'done'
      ? {text: 'done', style: paint.good}
      : {text: `failed, ${row.code ?? 'no code'}`, style: paint.bad},
    elapsed(row.durationMillis),
  ])
  return table(['ROW', 'WHEN', 'WHO', 'COMMAND', 'SERVICE', 'ENV', 'RESULT', 'TOOK'], cells, paint.dim)
}

export function auditVerifyView({pin, rows, hash}: AuditVerifyReport): string {
  const count = rows === 1 ? '1 row' : `${rows} rows`
  return [
    `${paint.good('✓')} ${count}, newest ${hash}`,
    '',
    'Keep this elsewhere, and check against it later:',
    `  ${paint.command(`yard audit verify --expect ${pin}`)}`,
  ].join('\n')
}

/** The mail address in the git identity is for `--json`. */
function who({by, git, token}: AuditEntry): string {
  const more = [token === undefined ? undefined : `token ${token}`, git?.replace(/\s*<[^>]*>$/, '')]
  const shown = more.filter((each) => each !== undefined && each !== '')
  return shortened(shown.length === 0 ? by : `${by} (${shown.join(', ')})`)
}

function shortened(text: string): string {
  if (displayWidth(text) <= whoColumns) return text
  let kept = ''
  for (const character of text) {
    if (displayWidth(kept + character) >= whoColumns) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}
