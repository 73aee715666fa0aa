import {type TokenCreateReport} from '../lifecycle/tokens/create.js'
import {type ListedToken} from '../lifecycle/tokens/list.js'
import {type TokenRevokeReport} from '../lifecycle/tokens/revoke.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

export function tokenCreatedView({dryRun, expiresAt, name, role, token}: TokenCreateReport): string {
  const until = expiresAt === undefined ? 'never expires' : `expires on ${expiresAt.slice(0, 10)}`
  if (dryRun || token === undefined) {
    return [
      `Would make the token ${paint.strong(name)} (${role}, ${until})`,
      paint.dim('Nothing was changed.'),
    ].join('\n')
  }
  return [
    `${paint.good('✓')} The token ${paint.strong(name)} is made (${role}, ${until})`,
    '',
    `  ${token}`,
    '',
    'It is shown this once and kept nowhere. Whoever uses the catalog over HTTP sets it:',
    paint.command(`  export YARD_TOKEN=${token}`),
  ].join('\n')
}

export function tokensView(tokens: readonly ListedToken[], now: Date): string {
  if (tokens.length === 0)
    return `There is no token yet. Make one: ${paint.command('yard tokens create ci --role deployer')}`
  const rows = tokens.map(({createdAt, createdBy, expiresAt, name, role, state}) => [
    {text: name, style: paint.strong},
    role,
    stateCell(state),
    ago(createdAt, now),
    createdBy,
    expiresAt === undefined ? 'never' : expiresAt.slice(0, 10),
  ])
  return table(['NAME', 'ROLE', 'STATE', 'MADE', 'BY', 'EXPIRES'], rows, paint.dim)
}

export function tokenRevokedView(
  {dryRun, name, revokedAt, wasRevoked}: TokenRevokeReport,
  now: Date,
): string {
  const token = paint.strong(name)
  if (wasRevoked) return `The token ${token} was revoked before (${ago(revokedAt, now)}): unchanged`
  if (dryRun) return [`Would revoke the token ${token}`, paint.dim('Nothing was changed.')].join('\n')
  return `${paint.good('✓')} The token ${token} is revoked: servers refuse it from now on`
}

function stateCell(state: ListedToken['state']): Cell {
  return {text: state, style: state === 'usable' ? paint.good : paint.dim}
}
