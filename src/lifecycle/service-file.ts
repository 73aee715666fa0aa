import path from 'node:path'

import {type DocumentParser} from '../contracts/documents.js'
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
import {
  type DeclaredFile,
  type FileProblem,
  isMissing,
  problemAt,
  problemLine,
  type Read,
  readDeclaredFile,
  readFileText,
} from './declared-file.js'

export interface ServiceFiles {
  service: ServiceFile
  processes: Processes
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

function readService(
  needs: {files: Files; documents: DocumentParser},
  request: ServiceFileRequest,
): Promise<Read<ServiceFile>> {
  return readDeclaredFile(needs, declared(request, serviceFileName), checkServiceFile)
}

async function readProcfile({files}: {files: Files}, request: ServiceFileRequest): Promise<Read<Processes>> {
  const text = await readFileText(files, declared(request, procfileName))
  if (typeof text !== 'string') return text
  const parsed = parseProcfile(text)
  if (parsed.ok) return {value: parsed.processes}
  return {problems: parsed.problems.map((problem) => problemAt(procfileName, problem.message, problem))}
}

function declared({directory, where}: ServiceFileRequest, name: string): DeclaredFile {
  return {path: path.join(directory, name), name, maxBytes: maxServiceFileBytes, where}
}

function refused(request: ServiceFileRequest, problems: FileProblem[]): YardError {
  return new YardError('E_SERVICE_FILE', {
    what: `Can't ${request.purpose}`,
    why: problems.map(problemLine).join('\n  '),
    next: [
      problems.some(isMissing)
        ? 'yard register --init'
        : `correct ${problems[0]?.file ?? serviceFileName} and run it again`,
    ],
    details: {problems},
  })
}
