/** What a shell and every system take for the name of a variable, at most 128 characters. */
export const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** Names that can't be keys of plain data everywhere it goes. */
const unkeepable: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** What a shell sets itself, or gives nobody else: a value of these would not reach a process that it starts. */
const shellsOwn: ReadonlySet<string> = new Set([
  ...['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'IFS', 'LINENO', 'OPTIND', 'PPID', 'SHELLOPTS', 'UID', '_'],
])

export function isShellsOwnVariable(name: string): boolean {
  return shellsOwn.has(name)
}

/** Whether yard itself gives the variable to instances, so that nobody else may. */
export function isReservedVariable(name: string): boolean {
  return name === 'PORT' || name === 'HOST' || name.startsWith('YARD_')
}

/** Why a variable can't have this name, following the name; undefined when it can. */
export function variableNameProblem(name: string): string | undefined {
  if (!variableNamePattern.test(name)) return 'is not a variable name such as LOG_LEVEL'
  if (unkeepable.has(name)) return 'has a meaning of its own in JavaScript'
  if (isShellsOwnVariable(name))
    return 'belongs to the shell that starts the processes, which would not pass it on'
  if (isReservedVariable(name)) return "is set by yard and can't be given"
  return undefined
}
