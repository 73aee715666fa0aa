import path from 'node:path'

import {type Files} from '../../contracts/files.js'
import {type SourceRepository} from '../../contracts/source-repository.js'
import {type Found, recognise} from '../../domain/recognise.js'
import {suggestName} from '../../domain/names.js'
import {parseProcfile, procfileName, procfileText} from '../../domain/procfile.js'
import {serviceFileName} from '../../domain/service-file.js'
import {YardError} from '../../errors.js'

export interface InitReport {
  /** What the service was taken for: `Node`, `Python` … */
  recognised: string
  written: {path: string; text: string}[]
  /** Files that were there already and stay as they are. */
  kept: string[]
}

const maxBytes = 256 * 1024

/**
 * Writes the `Procfile` and the `service.yaml` that are missing, from what the directory holds; never overwrites.
 * @throws YardError E_SERVICE_FILE when it can't tell how the service is started.
 */
export async function initServiceFiles(
  needs: {files: Files; repository: Pick<SourceRepository, 'identity'>; actor: string},
  request: {directory: string; dryRun: boolean},
): Promise<InitReport> {
  const {directory} = request
  const names = (await needs.files.list(directory)) ?? []
  const packageText = names.includes('package.json')
    ? await needs.files.readText(path.join(directory, 'package.json'), maxBytes)
    : undefined
  const found = recognise(names, packageText)
  const report: InitReport = {recognised: found.kind, written: [], kept: []}

  const add = (name: string, text: () => string) => {
    const place = path.join(directory, name)
    if (names.includes(name)) report.kept.push(place)
    else report.written.push({path: place, text: text()})
  }
  add(procfileName, () => procfileOf(found))
  const owner = (await needs.repository.identity(directory)) ?? needs.actor
  add(serviceFileName, () => serviceText(found, path.basename(directory), owner))
  if (!request.dryRun) {
    for (const {path: place, text} of report.written) await needs.files.writeText(place, text)
  }
  return report
}

function procfileOf({web}: Found): string {
  const text = web === undefined ? '' : procfileText({web})
  if (web !== undefined && parseProcfile(text).ok) return text
  throw new YardError('E_SERVICE_FILE', {
    what: "Can't write a Procfile for this service",
    why: 'nothing here says how it is started: no start script in package.json, no server.js, app.py, main.py or go.mod',
    next: ["echo 'web: ./start --port $PORT' > Procfile   # with the real command", 'yard register --init'],
  })
}

/** Values are written as JSON strings, which every YAML parser reads back unchanged. */
function serviceText(found: Found, directoryName: string, owner: string): string {
  const name = suggestName(found.name ?? '') ?? suggestName(directoryName) ?? 'service'
  const lines = [
    '# What yard knows about this service: docs/guides/deploy.md explains every key.',
    `name: ${name}`,
    `owner: ${JSON.stringify(oneLine(owner, 200))}`,
    `description: ${JSON.stringify(oneLine(found.description ?? `The ${name} service.`, 500))}`,
    '',
    '# Run in a clean copy of the commit; what is left afterwards is shipped.',
    ...(found.build.length === 0
      ? ['build: []']
      : ['build:', ...found.build.map((line) => `  - ${JSON.stringify(line)}`)]),
    '',
    '# Answers 2xx once an instance can serve; a path that checks less than / is better.',
    'health:',
    '  path: /',
    ...(Object.keys(found.variables).length === 0 ? [] : ['', 'env:']),
    ...Object.entries(found.variables).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    '',
  ]
  return lines.join('\n')
}

function oneLine(text: string, maxLength: number): string {
  const line = text
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, maxLength)
  return line === '' ? 'unknown' : line
}
