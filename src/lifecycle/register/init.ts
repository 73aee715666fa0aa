import path from 'node:path'

import {type Files} from '../../contracts/files.js'
import {type SourceRepository} from '../../contracts/source-repository.js'
import {type Found, recognise, type Texts} from '../../domain/recognise.js'
import {type FoundHealth, recogniseHealth, recogniseNeeds} from '../../domain/recognise-health.js'
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
const mostFiles = 200
const declarations = ['package.json', procfileName]
const source = /\.(?:py|[cm]?js|ts|go|rb)$/
const sourceGlobs = ['app', 'cmd', 'internal', 'lib', 'src'].map(
  (place) => `${place}/**/*.{py,js,mjs,cjs,ts,go,rb}`,
)

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
  const texts = await readTexts(needs, directory, names)
  const found = recognise(names, texts)
  const report: InitReport = {recognised: found.kind, written: [], kept: []}

  const add = (name: string, text: () => string) => {
    const place = path.join(directory, name)
    if (names.includes(name)) report.kept.push(place)
    else report.written.push({path: place, text: text()})
  }
  add(procfileName, () => procfileOf(found))
  const owner = (await needs.repository.identity(directory)) ?? needs.actor
  add(serviceFileName, () => serviceText(found, texts, path.basename(directory), owner))
  if (!request.dryRun) {
    for (const {path: place, text} of report.written) await needs.files.writeText(place, text)
  }
  return report
}

/** Of what tells how a service is started and how it is well. Directories of others, such as node_modules, aren't looked into. */
async function readTexts(
  {files}: {files: Files},
  directory: string,
  names: readonly string[],
): Promise<Texts> {
  const atTop = names.filter((name) => declarations.includes(name) || source.test(name))
  const below = (await files.find(directory, sourceGlobs)).map((file) => path.relative(directory, file))
  const texts = new Map<string, string>()
  for (const file of [...atTop, ...below].slice(0, mostFiles)) {
    // What is too large or can't be read tells nothing.
    const text = await files.readText(path.join(directory, file), maxBytes).catch(() => undefined)
    if (text !== undefined) texts.set(file, text)
  }
  return texts
}

function procfileOf({processes}: Found): string {
  const text = procfileText(processes)
  if (parseProcfile(text).ok) return text
  throw new YardError('E_SERVICE_FILE', {
    what: "Can't write a Procfile for this service",
    why: 'nothing here says how it is started: no start script in package.json, no server.js, app.py, main.py, worker.py or go.mod',
    next: ["echo 'web: ./start --port $PORT' > Procfile   # with the real command", 'yard register --init'],
  })
}

/** Values are written as JSON strings, which every YAML parser reads back unchanged. */
function serviceText(found: Found, texts: Texts, directoryName: string, owner: string): string {
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
    ...healthLines(recogniseHealth(found.processes, texts)),
    ...needsLines(recogniseNeeds(found.processes)),
    ...(Object.keys(found.variables).length === 0 ? [] : ['', 'env:']),
    ...Object.entries(found.variables).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    '',
  ]
  return lines.join('\n')
}

function healthLines(health: FoundHealth): string[] {
  if (health === 'stays') {
    return [
      '# Nothing here takes requests: an instance is well once it has run for so long.',
      'health:',
      '  stays: 10s',
    ]
  }
  if (health === 'tcp') {
    return [
      '# An instance is well while it accepts connections. A path that answers 2xx once it can serve tells more:',
      '#   path: /readyz',
      'health:',
      '  tcp: true',
    ]
  }
  return [
    `# Answers 2xx once an instance can serve; found in ${oneLine(health.in, 100)}.`,
    'health:',
    `  path: ${health.path}`,
  ]
}

function needsLines(needs: readonly string[]): string[] {
  if (needs.length === 0) return []
  return ['', '# Programs that a host must have.', 'needs:', ...needs.map((program) => `  - ${program}`)]
}

function oneLine(text: string, maxLength: number): string {
  const line = text
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, maxLength)
  return line === '' ? 'unknown' : line
}
