import path from 'node:path'

import {type DocumentParser, type Position} from '../contracts/documents.js'
import {type Files} from '../contracts/files.js'
import {parseProcfile, procfileName} from '../domain/procfile.js'
import {
  checkServiceFile,
  maxServiceFileBytes,
  type ServiceFile,
  serviceFileName,
} from '../domain/service-file.js'
import {type Processes} from '../domain/service.js'
import {YardError} from '../errors.js'

export interface ServiceFiles {
  service: ServiceFile
  processes: Processes
}

export interface ServiceFileProblem extends Position {
  file: string
  message: string
}

export interface ServiceFileRequest {
  directory: string
  /** Follows "Can't": `deploy hello`. */
  purpose: string
  /** Such as `at commit 1a2b3c4`, where the files aren't those in front of the person. */
  where?: string
}

/**
 * Reads `service.yaml` and `Procfile`.
 * @throws YardError E_SERVICE_FILE with every problem in both, each with file, line and column.
 */
export async function readServiceFiles(
  needs: {files: Files; documents: DocumentParser},
  request: ServiceFileRequest,
): Promise<ServiceFiles> {
  const [service, processes] = [await readService(needs, request), await readProcfile(needs, request)]
  if ('problems' in service || 'problems' in processes) {
    const problems = [service, processes].flatMap((read) => ('problems' in read ? read.problems : []))
    throw refused(request, problems)
  }
  return {service: service.value, processes: processes.value}
}

type Read<T> = {value: T} | {problems: ServiceFileProblem[]}

async function readService(
  {files, documents}: {files: Files; documents: DocumentParser},
  request: ServiceFileRequest,
): Promise<Read<ServiceFile>> {
  const text = await readText(files, request, serviceFileName)
  if (typeof text !== 'string') return text
  const document = documents.parse(text)
  if (!document.ok) {
    return {problems: document.problems.map(({message, position}) => at(serviceFileName, message, position))}
  }
  const checked = checkServiceFile(document.value)
  if (checked.ok) return {value: checked.value}
  return {
    problems: checked.problems.map(({path: place, message}) => {
      const named = place.length === 0 ? message : `${place.join('.')} ${message}`
      return at(serviceFileName, named, document.positionOf(place, 'key'))
    }),
  }
}

async function readProcfile({files}: {files: Files}, request: ServiceFileRequest): Promise<Read<Processes>> {
  const text = await readText(files, request, procfileName)
  if (typeof text !== 'string') return text
  const parsed = parseProcfile(text)
  if (parsed.ok) return {value: parsed.processes}
  return {problems: parsed.problems.map((problem) => at(procfileName, problem.message, problem))}
}

async function readText(
  files: Files,
  request: ServiceFileRequest,
  name: string,
): Promise<string | {problems: ServiceFileProblem[]}> {
  const nowhere = {line: 1, column: 1}
  try {
    const text = await files.readText(path.join(request.directory, name), maxServiceFileBytes)
    return text ?? {problems: [at(name, `is not there${suffix(request)}`, nowhere)]}
  } catch (error) {
    if (!(error instanceof YardError) || error.code !== 'E_FILE_TOO_LARGE') throw error
    return {problems: [at(name, `is larger than ${maxServiceFileBytes / 1024} kB`, nowhere)]}
  }
}

function at(file: string, message: string, {line, column}: Position): ServiceFileProblem {
  return {file, message, line, column}
}

function suffix({where}: ServiceFileRequest): string {
  return where === undefined ? '' : ` ${where}`
}

function refused(request: ServiceFileRequest, problems: ServiceFileProblem[]): YardError {
  const isMissing = problems.some(({message}) => message.startsWith('is not there'))
  return new YardError('E_SERVICE_FILE', {
    what: `Can't ${request.purpose}`,
    why: problems.map(shown).join('\n  '),
    next: [
      isMissing ? 'yard register --init' : `correct ${problems[0]?.file ?? serviceFileName} and run it again`,
    ],
    details: {problems},
  })
}

function shown({file, line, column, message}: ServiceFileProblem): string {
  const visible = message.replace(/[^\u0020-\u007e]/g, '?').slice(0, 300)
  return `${file}:${line}:${column} ${visible}`
}
