import path from 'node:path'

import {type DocumentParser} from '../../contracts/documents.js'
import {type Files} from '../../contracts/files.js'
import {printable} from '../../domain/names.js'
import {checkPlatformFile, maxPlatformFileBytes, type Platform} from '../../domain/platform-file.js'
import {YardError} from '../../errors.js'
import {type FileProblem, isMissing, problemLine, readDeclaredFile} from '../declared-file.js'

export interface ReadPlatformNeeds {
  files: Pick<Files, 'readText'>
  documents: DocumentParser
}

/**
 * Reads a platform file.
 * @throws YardError E_PLATFORM_FILE with every problem in it, each with line and column.
 */
export async function readPlatform(needs: ReadPlatformNeeds, file: string): Promise<Platform> {
  const declared = {path: file, name: path.basename(file), maxBytes: maxPlatformFileBytes}
  const read = await readDeclaredFile(needs, declared, (value) => checkPlatformFile(value, file))
  if ('problems' in read) throw refused(file, read.problems.sort(byPlace))
  return read.value
}

function refused(file: string, problems: FileProblem[]): YardError {
  return new YardError('E_PLATFORM_FILE', {
    what: `Can't use the platform file ${printable(file).slice(1, -1)}`,
    why: problems.some(isMissing) ? 'there is no such file' : problems.map(problemLine).join('\n  '),
    next: problems.some(isMissing)
      ? ['yard init   # in the directory it shall be in', 'yard status --platform ./yard.yaml']
      : [`correct ${path.basename(file)} and run it again`],
    details: {problems},
  })
}

function byPlace(left: FileProblem, right: FileProblem): number {
  return left.line - right.line || left.column - right.column
}
