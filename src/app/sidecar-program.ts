import fs from 'node:fs'
import path from 'node:path'
import {parseArgs} from 'node:util'

import {SystemClock} from '../adapters/clock-system/index.js'
import {LocalFiles} from '../adapters/files-local/index.js'
import {openEtcdStore} from '../adapters/store-etcd/index.js'
import {openHttpStore} from '../adapters/store-http/index.js'
import {Catalog} from '../catalog/catalog.js'
import {type YardEvent} from '../contracts/report.js'
import {type Store} from '../contracts/store.js'
import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {tokenCredential} from '../lifecycle/sidecar/units.js'
import {errorView} from '../terminal/error-view.js'
import {sidecarRunView} from '../terminal/sidecar-view.js'
import {cleanVariables} from './clean-variables.js'
import {catalogAccess} from './catalog-access.js'
import {parseCatalogUrl} from './catalog-url.js'
import {parseFailpoint} from './failpoint.js'
import {classifyFailure} from './failure.js'
import {watchForInterruption} from './interruption.js'
import {yardPaths} from './paths.js'
import {runSidecarHere} from './sidecar.js'
import {type SidecarRunRequest} from './sidecar-world.js'

/*
 * The sidecar as one file without packages, for hosts that have Node and HAProxy and nothing of yard: what
 * `yard push --sidecar` ships. It takes the flags of `yard sidecar run`, and looks after HAProxy as `keeper` itself.
 */

/** Set by the build. */
declare const YARD_VERSION: string

if (process.argv[2] === 'keeper') {
  process.argv.splice(2, 1)
  await import('../adapters/processes-local/keeper.js')
} else {
  process.exitCode = await main(process.argv.slice(2))
  process.exit()
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version') {
    process.stdout.write(
      `yard-sidecar/${YARD_VERSION} ${process.platform}-${process.arch} node-${process.version}\n`,
    )
    return 0
  }
  try {
    await run(argv)
    return 0
  } catch (error) {
    return show(error, argv)
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const {catalogUrl, ...request} = readFlags(argv)
  const program = path.resolve(process.argv[1] ?? '')
  const report = (event: YardEvent) => tell(event, request.isUnderSystemd)
  let store: Store | undefined
  try {
    store = await openCatalog(catalogUrl, report)
    const catalog = new Catalog(store)
    const world = {
      baseVariables: cleanVariables(process.env),
      catalog: async () => catalog,
      clock: new SystemClock(),
      failpoint: parseFailpoint(process.env['YARD_FAILPOINT']),
      files: async () => new LocalFiles(),
      keeper: [process.execPath, program, 'keeper'] as const,
      paths: yardPaths(path.dirname(program), process.env),
      report,
      signal: watchForInterruption(),
    }
    await runSidecarHere(world, request, (ready) => process.stdout.write(`${sidecarRunView(ready)}\n`))
  } finally {
    await store?.close()
  }
}

function readFlags(argv: readonly string[]): SidecarRunRequest & {catalogUrl: string} {
  const {values} = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      env: {type: 'string', default: process.env['YARD_ENV'] ?? ''},
      host: {type: 'string', default: ''},
      catalog: {type: 'string', default: process.env['YARD_CATALOG'] ?? ''},
      systemd: {type: 'boolean', default: false},
      'door-port': {type: 'string'},
      directory: {type: 'string'},
      'runtime-directory': {type: 'string'},
      'stop-haproxy': {type: 'boolean', default: false},
    },
  })
  for (const name of ['env', 'host', 'catalog'] as const) {
    if (values[name] === '') throw usage(`--${name} is missing`)
  }
  const port = values['door-port']
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535))
    throw usage(`--door-port takes a port, not ${printable(port)}`)
  return {
    environment: values.env,
    host: values.host,
    catalogUrl: values.catalog,
    isUnderSystemd: values.systemd,
    doorPort: port === undefined ? undefined : Number(port),
    directory: values.directory,
    runtimeDirectory: values['runtime-directory'],
    stopsHaproxy: values['stop-haproxy'],
    version: YARD_VERSION,
  }
}

/** A file on one machine is no catalog of several, and would take a library. */
async function openCatalog(url: string, report: (event: YardEvent) => void): Promise<Store> {
  const location = parseCatalogUrl(url)
  const {tls, token, user} = catalogAccess(withCredential(process.env), undefined)
  const warn = (text: string) => report({kind: 'warning', text})
  switch (location.kind) {
    case 'etcd':
      return openEtcdStore({
        endpoints: location.endpoints,
        namespace: location.namespace,
        warn,
        ...((location.isTls || Object.keys(tls).length > 0) && {tls}),
        ...(user !== undefined && {user}),
      })
    case 'http':
      return openHttpStore({
        url: location.url,
        warn,
        ...(token !== undefined && {token}),
        ...(tls.ca !== undefined && {ca: tls.ca}),
      })
    case 'sqlite':
      throw new YardError('E_CATALOG_URL', {
        what: `Can't follow the catalog ${printable(url)}`,
        why: 'the self-contained sidecar follows an etcd or a yard serve',
        next: [
          'yard sidecar run   # of an installed yard follows a file, too',
          '--catalog etcd://10.0.0.1:2379',
        ],
      })
  }
}

/** The token as systemd hands it over, unless another one is named. */
function withCredential(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const directory = variables['CREDENTIALS_DIRECTORY']
  if (directory === undefined || (variables['YARD_TOKEN'] ?? variables['YARD_TOKEN_FILE']) !== undefined)
    return variables
  const file = path.join(directory, tokenCredential)
  return fs.existsSync(file) ? {...variables, YARD_TOKEN_FILE: file} : variables
}

/** A number in front is how the journal learns how grave a line is. */
function tell(event: YardEvent, isJournal: boolean): void {
  if (event.kind !== 'note' && event.kind !== 'warning') return
  const isWarning = event.kind === 'warning'
  const mark = isJournal ? (isWarning ? '<4>' : '<6>') : isWarning ? '! ' : '  '
  process.stderr.write(`${mark}${event.text.replaceAll('\n', ' ')}\n`)
}

function show(error: unknown, argv: readonly string[]): number {
  const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true
  const failure = isUsage
    ? ({kind: 'for-a-person', error: usage((error as Error).message.split('. ')[0] ?? '')} as const)
    : classifyFailure(error, argv)
  if (failure.kind === 'ended') return failure.exitCode
  if (failure.kind === 'bug') {
    const text =
      failure.error instanceof Error ? (failure.error.stack ?? failure.error.message) : String(failure.error)
    process.stderr.write(`This is a bug in yard: ${text}\n`)
    return 1
  }
  process.stderr.write(`${errorView(failure.error)}\n`)
  return failure.error.exitCode
}

function usage(why: string): YardError {
  return new YardError('E_USAGE', {
    what: "Can't run this command line",
    why: why.charAt(0).toLowerCase() + why.slice(1),
    next: ['node sidecar.mjs --env staging --host web-1 --catalog etcd://10.0.0.1:2379'],
  })
}
