import {parseProcfile, procfileName} from './procfile.js'
import {type Processes} from './service.js'

/** What a directory that yard did not make seems to be. */
export interface Found {
  kind: 'Node' | 'Python' | 'Go' | 'unknown'
  name?: string
  description?: string
  /** Its Procfile, or what it would be; empty when nothing says how it is started. */
  processes: Processes
  build: string[]
  variables: Record<string, string>
}

/** Of files by their path below the directory, as far as they were read. */
export type Texts = ReadonlyMap<string, string>

/** Judges by the names in the directory, its `package.json`, its `Procfile` and its sources. */
export function recognise(names: readonly string[], texts: Texts): Found {
  const found = recogniseKind(names, texts)
  const declared = parseProcfile(texts.get(procfileName) ?? '')
  return declared.ok ? {...found, processes: declared.processes} : found
}

function recogniseKind(names: readonly string[], texts: Texts): Found {
  const packageText = texts.get('package.json')
  if (packageText !== undefined) return recogniseNode(names, packageText)
  const [server, worker] = [firstOf(names, ['server.js', 'index.js']), firstOf(names, ['worker.js'])]
  if (server !== undefined || worker !== undefined)
    return {kind: 'Node', processes: started('node', server, worker), build: [], variables: {}}
  if (names.includes('go.mod')) return recogniseGo(names, texts)
  const isPython = names.some((name) => name.endsWith('.py'))
  return isPython ? recognisePython(names, texts) : {kind: 'unknown', processes: {}, build: [], variables: {}}
}

function recogniseNode(names: readonly string[], packageText: string): Found {
  const manifest = parse(packageText)
  const scripts = objectOf(manifest['scripts'])
  const start = textOf(scripts['start'])
  const main = textOf(manifest['main']) ?? firstOf(names, ['server.js', 'index.js', 'app.js'])
  const worker = firstOf(names, ['worker.js'])
  const hasLock = names.includes('package-lock.json')
  const [name, description] = [textOf(manifest['name']), textOf(manifest['description'])]
  // `npm start` would swallow SIGTERM, so the command itself is taken.
  const isCommand = start !== undefined && !/^(?:npm|yarn|pnpm)\b/.test(start)
  return {
    kind: 'Node',
    ...(name !== undefined && {name: name.replace(/^@[^/]*\//, '')}),
    ...(description !== undefined && {description}),
    processes: isCommand ? {web: start} : started('node', main, worker),
    build: [
      hasLock ? 'npm ci' : 'npm install --no-audit --no-fund',
      ...(textOf(scripts['build']) === undefined ? [] : ['npm run build']),
      'npm prune --omit=dev',
    ],
    variables: {},
  }
}

/** One program at the top, or the only one below `cmd`. */
function recogniseGo(names: readonly string[], texts: Texts): Found {
  const below = new Set(
    [...texts.keys()].flatMap((file) => /^cmd\/([^/]+)\/[^/]+\.go$/.exec(file)?.[1] ?? []),
  )
  const [only, another] = [...below]
  const isBelow = !names.includes('main.go') && only !== undefined && another === undefined
  const serves = [...texts].some(([file, text]) => file.endsWith('.go') && /net\/http|net\.Listen/.test(text))
  const hasSources = [...texts.keys()].some((file) => file.endsWith('.go'))
  return {
    kind: 'Go',
    processes: serves || !hasSources ? {web: 'bin/server'} : {worker: 'bin/server'},
    build: [`go build -o bin/server ${isBelow ? `./cmd/${only}` : '.'}`],
    variables: {},
  }
}

function recognisePython(names: readonly string[], texts: Texts): Found {
  const script = firstOf(names, ['server.py', 'app.py', 'main.py'])
  const worker = firstOf(names, ['worker.py', 'consumer.py'])
  // `main.py` may be anything; one that was read and has nothing to do with requests is a worker.
  const text = script === undefined ? undefined : texts.get(script)
  const isWorker = script === 'main.py' && text !== undefined && !pythonServes.test(text)
  const hasRequirements = names.includes('requirements.txt')
  return {
    kind: 'Python',
    processes: isWorker ? started('python3', undefined, script) : started('python3', script, worker),
    // Beside the code: a virtual environment holds links and paths of the machine it was made on.
    build: hasRequirements
      ? ['python3 -m pip install --quiet --target vendor --requirement requirements.txt']
      : [],
    variables: hasRequirements ? {PYTHONPATH: 'vendor'} : {},
  }
}

const pythonServes =
  /\bPORT\b|http\.server|HTTPServer|socketserver|wsgi|asgi|\b(?:flask|fastapi|uvicorn|aiohttp|bottle|django|tornado|starlette|sanic|falcon|quart|cherrypy)\b/i

function started(program: string, web: string | undefined, worker: string | undefined): Processes {
  return {
    ...(web !== undefined && {web: `${program} ${web}`}),
    ...(worker !== undefined && {worker: `${program} ${worker}`}),
  }
}

function firstOf(names: readonly string[], wanted: readonly string[]): string | undefined {
  return wanted.find((name) => names.includes(name))
}

function parse(text: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(text) as unknown)
  } catch {
    return {}
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
