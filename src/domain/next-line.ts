const inOneEnvironment =
  /^yard (?:deploy|deploy (?:abort|list|resume|show)|host setup|hosts (?:drain|enable|list|remove|show)|instances (?:disable|drain|enable|list|weight)|lock break|logs tail|maintenance (?:list|off|on)|ps|push|restart|rollback|routes (?:add|list|remove)|run|scale|sidecar (?:accept-loss|status)|smoke|status)(?= |$)/

/**
 * A line to paste that was written by somebody who didn't know which environment it's about, with the environment; any
 * other line as it is.
 */
export function inEnvironment(line: string, environment: string): string {
  if (environment === 'local' || !inOneEnvironment.test(line) || / (?:-e|--env)[ =]/.test(line)) return line
  const end = / {3}#| -/.exec(line)?.index ?? line.length
  return `${line.slice(0, end)} --env ${environment}${line.slice(end)}`
}
