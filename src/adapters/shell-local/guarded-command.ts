/**
 * Runs a program with a guard in its process group. The guard reads from a pipe on descriptor 3 that yard holds: when yard
 * ends, killed or not, the pipe closes and the guard ends the whole group. It is started by a shell that is gone at
 * once, so that the program has no child it doesn't know of.
 */
const script = `((
  trap '' TERM
  read -r yard_guard <&3
  kill -TERM 0
  sleep 2
  kill -KILL 0
) >/dev/null 2>&1 &)
exec "$@" 3<&-`

/** The arguments for `/bin/sh`. A line is run by the shell; everything else is an argument list. */
export function guarded(command: {file: string; args: string[]} | {line: string}): string[] {
  const words = 'line' in command ? ['/bin/sh', '-c', command.line] : [command.file, ...command.args]
  return ['-c', script, 'yard', ...words]
}
