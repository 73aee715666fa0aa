import {type DocumentParser, type Position} from '../contracts/documents.js'
import {type Files} from '../contracts/files.js'
import {type Checked} from '../domain/schema.js'
import {YardError} from '../errors.js'

/** What is wrong at one place of a file that a person wrote. */
export interface FileProblem extends Position {
  file: string
  message: string
}

export type Read<T> = {value: T} | {problems: FileProblem[]}

export interface DeclaredFile {
  /** Absolute. */
  path: string
  /** What people call it: `service.yaml`. */
  name: string
  maxBytes: number
  /** Follows "is not there": `at commit 1a2b3c4`. */
  where?: string | undefined
}

/** Reads a YAML file that a person wrote, and checks it. Every problem has its line and column. */
export async function readDeclaredFile<T>(
  {files, documents}: {files: Pick<Files, 'readText'>; documents: DocumentParser},
  file: DeclaredFile,
  check: (value: unknown) => Checked<T>,
): Promise<Read<T>> {
  const text = await readFileText(files, file)
  if (typeof text !== 'string') return text
  const document = documents.parse(text)
  if (!document.ok) {
    return {problems: document.problems.map(({message, position}) => problemAt(file.name, message, position))}
  }
  const checked = check(document.value)
  if (checked.ok) return {value: checked.value}
  return {
    problems: checked.problems.map(({path: place, message}) => {
      const named = place.length === 0 ? message : `${place.join('.')} ${message}`
      return problemAt(file.name, named, document.positionOf(place, 'key'))
    }),
  }
}

/** The text of a file that must be there. */
export async function readFileText(
  files: Pick<Files, 'readText'>,
  {maxBytes, name, path, where}: DeclaredFile,
): Promise<string | {problems: FileProblem[]}> {
  const nowhere = {line: 1, column: 1}
  try {
    const missing = where === undefined ? 'is not there' : `is not there ${where}`
    return (await files.readText(path, maxBytes)) ?? {problems: [problemAt(name, missing, nowhere)]}
  } catch (error) {
    if (!(error instanceof YardError) || error.code !== 'E_FILE_TOO_LARGE') throw error
    return {problems: [problemAt(name, `is larger than ${maxBytes / 1024} kB`, nowhere)]}
  }
}

export function problemAt(file: string, message: string, {line, column}: Position): FileProblem {
  return {file, message, line, column}
}

export function isMissing({message}: FileProblem): boolean {
  return message.startsWith('is not there')
}

/** One line of an error: `yard.yaml:3:5 what is wrong`, harmless on a terminal. */
export function problemLine({file, line, column, message}: FileProblem): string {
  const visible = message.replace(/[^\u0020-\u007e]/g, '?').slice(0, 300)
  return `${file}:${line}:${column} ${visible}`
}
