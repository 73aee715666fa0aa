import {type Catalog} from '../../catalog/catalog.js'
import {kindOf, unknownKind} from '../../catalog/record-kinds.js'
import {
  type ExportedRecord,
  exportHeadSchema,
  exportSchema,
  exportVersion,
} from '../../domain/catalog-export.js'
import {printable} from '../../domain/names.js'
import {check} from '../../domain/schema.js'
import {YardError} from '../../errors.js'

/** Larger files are refused unread. */
export const maxImportBytes = 256 * 1024 * 1024

const shownProblems = 20

export interface ImportProblem {
  /** The record's key; absent when it's about the file. */
  key?: string
  /** Counted from 1, where it could be found. */
  line?: number
  message: string
}

/**
 * The records of an export, each checked as if it had been read from a store.
 * @throws YardError E_IMPORT_FILE with every problem.
 */
export function readImportFile(catalog: Catalog, file: string, text: string): ExportedRecord[] {
  const value = parse(file, text)
  const head = check(exportHeadSchema, value)
  if (!head.ok) throw refused(file, [{message: 'it is not an export of a catalog'}])
  if (head.value.version > exportVersion) throw newer(file)
  const checked = check(exportSchema, value)
  if (!checked.ok) {
    const problems = checked.problems.map(({path, message}) => ({message: `${path.join('.')}: ${message}`}))
    throw refused(file, problems)
  }
  const {problems, records} = checkRecords(catalog, checked.value.records)
  if (problems.length > 0) throw refused(file, withLines(problems, text))
  return records
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line = place === undefined ? undefined : lineAt(text, Number(place))
    throw refused(file, [{message: 'it is not JSON', ...(line !== undefined && {line})}])
  }
}

function checkRecords(
  catalog: Catalog,
  given: readonly ExportedRecord[],
): {records: ExportedRecord[]; problems: ImportProblem[]} {
  const records: ExportedRecord[] = []
  const problems: ImportProblem[] = []
  const seen = new Set<string>()
  for (const {key, record} of given) {
    const checked = seen.has(key) ? {why: 'is there twice'} : checkRecord(catalog, key, record)
    seen.add(key)
    if ('why' in checked) problems.push({key, message: checked.why})
    else records.push({key, record: checked.record})
  }
  return {records, problems}
}

function checkRecord(catalog: Catalog, key: string, record: unknown): {record: unknown} | {why: string} {
  const kind = kindOf(key)
  if (kind === undefined) return {why: unknownKind}
  if (!kind.isExported) return {why: `is one of the ${kind.name}, which stay in their own catalog`}
  const value = JSON.stringify(record)
  const {records, bad} = kind.collection(catalog).readAll([{key, value, createRevision: 0, modRevision: 0}])
  return records[0] ?? {why: bad[0]?.why ?? 'is invalid'}
}

/** An export has each key on a line of its own. */
function withLines(problems: readonly ImportProblem[], text: string): ImportProblem[] {
  return problems.map((problem, index) => {
    if (index >= shownProblems || problem.key === undefined) return problem
    const place = text.indexOf(`"key": ${JSON.stringify(problem.key)}`)
    return place === -1 ? problem : {...problem, line: lineAt(text, place)}
  })
}

function lineAt(text: string, place: number): number {
  let line = 1
  for (let index = text.indexOf('\n'); index !== -1 && index < place; index = text.indexOf('\n', index + 1)) {
    line += 1
  }
  return line
}

function refused(file: string, problems: readonly ImportProblem[]): YardError {
  const shown = problems.slice(0, shownProblems).map((problem) => lineOf(file, problem))
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : []
  return new YardError('E_IMPORT_FILE', {
    what: `Can't import ${printable(file)}`,
    why: [...shown, ...more].join('\n  '),
    next: ['yard catalog export > catalog.json   # in the catalog that it comes from'],
    details: {file, problems: problems.slice(0, 1_000)},
  })
}

function lineOf(file: string, {key, line, message}: ImportProblem): string {
  const place = line === undefined ? '' : `${printable(file).slice(1, -1)}:${line} `
  return key === undefined ? `${place}${message}` : `${place}${shownKey(key)}: ${message}`
}

function shownKey(key: string): string {
  return /^[\w./@-]{1,200}$/.test(key) ? key : printable(key)
}

function newer(file: string): YardError {
  return new YardError('E_IMPORT_FILE', {
    what: `Can't import ${printable(file)}`,
    why: 'a newer yard wrote it, and this one might lose some of it',
    next: ['install the newer yard'],
  })
}
