/** What a directory that yard did not make seems to be. */
export interface Found {
  kind: 'Node' | 'Python' | 'Go' | 'unknown'
  name?: string
  description?: string
  /** The command line that serves requests, when one can be told. */
  web?: string
  build: string[]
  variables: Record<string, string>
}

/** Judges by the names in the directory and its `package.json`. */
export function recognise(names: readonly string[], packageText: string | undefined): Found {
  if (packageText !== undefined) return recogniseNode(names, packageText)
  const entry = ['server.js', 'index.js'].find((name) => names.includes(name))
  if (entry !== undefined) return {kind: 'Node', web: `node ${entry}`, build: [], variables: {}}
  if (names.includes('go.mod')) {
    return {kind: 'Go', build: ['go build -o bin/server .'], web: 'bin/server', variables: {}}
  }
  const script = ['server.py', 'app.py', 'main.py'].find((name) => names.includes(name))
  if (script !== undefined) return recognisePython(names, script)
  return {kind: 'unknown', build: [], variables: {}}
}

function recogniseNode(names: readonly string[], packageText: string): Found {
  const manifest = parse(packageText)
  const scripts = objectOf(manifest['scripts'])
  const start = textOf(scripts['start'])
  const main =
    textOf(manifest['main']) ?? ['server.js', 'index.js', 'app.js'].find((name) => names.includes(name))
  const hasLock = names.includes('package-lock.json')
  const [name, description] = [textOf(manifest['name']), textOf(manifest['description'])]
  // `npm start` would swallow SIGTERM, so the command itself is taken.
  const web = start !== undefined && !/^(?:npm|yarn|pnpm)\b/.test(start) ? start : main && `node ${main}`
  return {
    kind: 'Node',
    ...(name !== undefined && {name: name.replace(/^@[^/]*\//, '')}),
    ...(description !== undefined && {description}),
    ...(web !== undefined && {web}),
    build: [
      hasLock ? 'npm ci' : 'npm install --no-audit --no-fund',
      ...(textOf(scripts['build']) === undefined ? [] : ['npm run build']),
      'npm prune --omit=dev',
    ],
    variables: {},
  }
}

function recognisePython(names: readonly string[], script: string): Found {
  const hasRequirements = names.includes('requirements.txt')
  return {
    kind: 'Python',
    web: `python3 ${script}`,
    // Beside the code: a virtual environment holds links and paths of the machine it was made on.
    build: hasRequirements
      ? ['python3 -m pip install --quiet --target vendor --requirement requirements.txt']
      : [],
    variables: hasRequirements ? {PYTHONPATH: 'vendor'} : {},
  }
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
