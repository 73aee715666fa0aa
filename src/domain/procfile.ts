import {isName} from './names.js'
import {type Processes} from './service.js'

export interface ProcfileProblem {
  message: string
  line: number
  column: number
}

export type ParsedProcfile = {ok: true; processes: Processes} | {ok: false; problems: ProcfileProblem[]}

export const procfileName = 'Procfile'

/** The process that serves requests, and the one that is run once before a release starts. */
export const webProcess = 'web'
export const releaseProcess = 'release'

const maxBytes = 64 * 1024
const maxLineLength = 2_000
/** Names that plain objects already have a meaning for. */
const reserved = new Set(['constructor', 'prototype'])

/** Reads `name: command` lines; blank lines and lines that start with `#` mean nothing. Never throws. */
export function parseProcfile(text: string): ParsedProcfile {
  if (text.length > maxBytes)
    return {ok: false, problems: [{message: 'is larger than 64 kB', line: 1, column: 1}]}
  const processes = new Map<string, string>()
  const problems: ProcfileProblem[] = []
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  lines.forEach((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return
    const problem = readLine(line, processes)
    if (problem !== undefined) problems.push({...problem, line: index + 1})
  })
  if (problems.length === 0 && processes.size === 0) {
    problems.push({
      message: 'names no process; a line such as `web: node server.js` is wanted',
      line: 1,
      column: 1,
    })
  }
  return problems.length > 0 ? {ok: false, problems} : {ok: true, processes: Object.fromEntries(processes)}
}

/** The same processes as text that `parseProcfile` reads back. */
export function procfileText(processes: Processes): string {
  return Object.entries(processes)
    .map(([name, command]) => `${name}: ${command}\n`)
    .join('')
}

/** Processes that become instances. */
export function instanceProcesses(processes: Processes): string[] {
  return Object.keys(processes)
    .filter((name) => name !== releaseProcess)
    .sort()
}

function readLine(line: string, processes: Map<string, string>): Omit<ProcfileProblem, 'line'> | undefined {
  const colon = line.indexOf(':')
  if (colon === -1) return {message: 'has no colon; a line is `name: command`', column: 1}
  const name = line.slice(0, colon).trim()
  const nameColumn = line.length - line.trimStart().length + 1
  if (!isName(name) || reserved.has(name)) {
    return {message: 'a process is named by lower-case letters, digits and single dashes', column: nameColumn}
  }
  if (processes.has(name)) return {message: `${name} is there twice`, column: nameColumn}
  const command = line.slice(colon + 1).trim()
  if (command === '') return {message: `${name} has no command`, column: colon + 2}
  if (command.length > maxLineLength)
    return {message: `the command of ${name} is too long`, column: colon + 2}
  if (command.includes('\0')) return {message: `the command of ${name} holds a NUL`, column: colon + 2}
  processes.set(name, command)
  return undefined
}
