import {webProcess} from './procfile.js'
import {type Texts} from './recognise.js'
import {type Processes} from './service.js'

/** How a service that yard did not make shows that it is well, as far as can be told. */
export type FoundHealth = {path: string; in: string} | 'tcp' | 'stays'

/** A path that a source names as one of health, else connections; a service without requests stays up. */
export function recogniseHealth(processes: Processes, texts: Texts): FoundHealth {
  if (processes[webProcess] === undefined) return 'stays'
  for (const path of healthPaths) {
    const quoted = new RegExp(`["'\`]${path}["'\`]`)
    const [file] = [...texts].find(([name, text]) => isSource(name) && quoted.test(text)) ?? []
    if (file !== undefined) return {path, in: file}
  }
  return 'tcp'
}

/** Most telling first: `ready` means that it wants requests, `health` often that it lives. */
const healthPaths = ['/readyz', '/ready', '/health/ready', '/healthz', '/health', '/_health', '/up', '/livez']

function isSource(name: string): boolean {
  return !/(?:^|[./_-])(?:test|tests|spec)(?:[./_-]|$)/.test(name) && /\.(?:py|[cm]?[jt]s|go|rb)$/.test(name)
}

/** Programs that a host must have so that the processes can be started; those that are shipped are none. */
export function recogniseNeeds(processes: Processes): string[] {
  const first = Object.values(processes).flatMap((line) => firstWord(line) ?? [])
  return [...new Set(first.filter((word) => runtimes.has(word)))].sort()
}

const runtimes: ReadonlySet<string> = new Set([
  ...[
    'bun',
    'deno',
    'dotnet',
    'java',
    'julia',
    'lua',
    'node',
    'perl',
    'php',
    'python',
    'python3',
    'Rscript',
    'ruby',
  ],
])

/** Behind variables that are set for the command, and an `exec`. */
function firstWord(line: string): string | undefined {
  return /^(?:[A-Za-z_][A-Za-z0-9_]*=\S*\s+)*(?:exec\s+)?(\S+)/.exec(line.trim())?.[1]
}
