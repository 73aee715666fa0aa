import path from 'node:path'

import {type Files} from '../../contracts/files.js'
import {parseSmokeFile, type SyntaxProblem} from '../../domain/smoke/parse.js'
import {type SmokeFile} from '../../domain/smoke/syntax/tree.js'
import {unsetVariables} from '../../domain/smoke/unset-variables.js'
import {YardError} from '../../errors.js'

export interface LoadedSmokeFile {
  /** Below the directory of the service, with forward slashes. */
  name: string
  text: string
  file: SmokeFile
}

interface LoadRequest {
  service: string
  root: string
  globs: readonly string[]
  whenNone?: 'refuse' | 'skip'
}

interface FileProblem extends Pick<SyntaxProblem, 'position' | 'message'> {
  file: string
}

const longestFileBytes = 1_000_000

/**
 * Reads every file and finds what is wrong with any of them.
 * @throws YardError E_SMOKE_FILE with all problems, E_SMOKE_MISSING when nothing matches.
 */
export async function loadSmokeFiles(
  needs: {files: Files},
  request: LoadRequest,
  given: Iterable<string>,
): Promise<LoadedSmokeFile[]> {
  const paths = await needs.files.find(request.root, request.globs)
  if (paths.length === 0 && request.whenNone !== 'skip') throw nothingFound(request)
  const known = [...given]
  const loaded: LoadedSmokeFile[] = []
  const problems: FileProblem[] = []
  for (const found of paths) {
    const name = path.relative(request.root, found).split(path.sep).join('/')
    const text = await needs.files.readText(found, longestFileBytes)
    const parsed = parseSmokeFile(text ?? '')
    if (!parsed.ok) {
      problems.push({file: name, ...parsed.problem})
      continue
    }
    loaded.push({name, text: text ?? '', file: parsed.file})
    problems.push(...variableProblems(name, parsed.file, known))
    if (parsed.file.entries.length === 0)
      problems.push({file: name, position: {line: 1, column: 1}, message: 'expected at least one request'})
  }
  if (problems.length > 0) throw badFiles(problems)
  return loaded
}

function variableProblems(name: string, file: SmokeFile, given: string[]): FileProblem[] {
  return unsetVariables(file, given).map(({name: variable, position}) => ({
    file: name,
    position,
    message: `{{${variable}}} has no value here; capture it before, or give it with --variable ${variable}=…`,
  }))
}

function nothingFound({service, globs}: LoadRequest): YardError {
  return new YardError('E_SMOKE_MISSING', {
    what: `Can't run smoke tests of ${service}`,
    why: `no file matches ${globs.join(', ')}`,
    next: [
      "mkdir -p smoke && printf 'GET {{base_url}}/readyz\\nHTTP 200\\n' > smoke/ready.hurl",
      'yard smoke --file path/to/test.hurl',
    ],
  })
}

function badFiles(problems: FileProblem[]): YardError {
  const lines = problems.map(
    ({file, position, message}) => `${file}:${position.line}:${position.column}: ${message}`,
  )
  const shown = lines.slice(0, 20)
  const more = lines.length > shown.length ? [`and ${lines.length - shown.length} more`] : []
  const [first = ''] = shown
  return new YardError('E_SMOKE_FILE', {
    what: "Can't run the smoke tests; nothing was sent",
    why: lines.length === 1 ? first : [`${lines.length} problems`, ...shown, ...more].join('\n  '),
    next: [
      'correct the file and run yard smoke again',
      'see docs/guides/smoke.md for what yard supports of Hurl',
    ],
    details: {problems: problems.map(({file, position, message}) => ({file, ...position, message}))},
  })
}
