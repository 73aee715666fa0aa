import path from 'node:path'

import {type Catalog} from '../catalog/catalog.js'
import {findEnvironment} from '../catalog/find.js'
import {type DocumentParser} from '../contracts/documents.js'
import {type Files} from '../contracts/files.js'
import {serviceFileName} from '../domain/service-file.js'
import {routedBaseUrl} from '../domain/smoke/base-url.js'
import {parseSecrets, parseVariables} from '../domain/smoke/given-variables.js'
import {junitXml} from '../domain/smoke/junit.js'
import {type SmokeReport} from '../domain/smoke/report.js'
import {YardError} from '../errors.js'
import {readServiceFiles} from './service-file.js'
import {smoke, type SmokeNeeds, smokeStep} from './smoke.js'

export interface SmokeServiceNeeds extends SmokeNeeds {
  catalog: Catalog
  documents: DocumentParser
}

export interface SmokeServiceRequest {
  environment: string
  directory: string
  /** Instead of the globs in the service file; relative to the directory. */
  globs: readonly string[]
  /** `name=value` */
  variables: readonly string[]
  secretsFile?: string | undefined
  allowedHosts: readonly string[]
  jsonReportFile?: string | undefined
  junitReportFile?: string | undefined
}

const longestSecretsBytes = 100_000

/**
 * Runs the smoke tests of the service in a directory through the router of an environment, and writes the report
 * files that were asked for, also when tests fail.
 * @throws YardError as `smoke`, and E_SERVICE_FILE, E_ENVIRONMENT_UNKNOWN
 */
export async function smokeService(
  needs: SmokeServiceNeeds,
  request: SmokeServiceRequest,
): Promise<SmokeReport> {
  const variables = parseVariables(request.variables)
  const secrets = await readSecrets(needs, request)
  const root = await serviceRoot(needs, request.directory)
  const {service} = await readServiceFiles(needs, {directory: root, purpose: 'run smoke tests'})
  const environment = await findEnvironment(needs.catalog, request.environment)
  const globs = request.globs.map((glob) => belowRoot(root, path.resolve(request.directory, glob)))
  needs.report({kind: 'step-started', step: smokeStep, title: `Smoke tests of ${service.name}`})
  const report = await smoke(needs, {
    service: service.name,
    environment: environment.name,
    baseUrl: routedBaseUrl(service.name, environment),
    root,
    globs: globs.length > 0 ? globs : service.smoke,
    variables,
    secrets,
    allowedHosts: request.allowedHosts,
  })
  const {failures, millis, outcome, requests} = report
  const isPassed = outcome === 'passed'
  const detail = isPassed ? `${requests} requests` : `${failures} checks failed`
  needs.report({
    kind: 'step-finished',
    step: smokeStep,
    outcome: isPassed ? 'done' : 'failed',
    millis,
    detail,
  })
  const write = async (name: string | undefined, text: () => string) => {
    if (name !== undefined) await needs.files.writeText(path.resolve(request.directory, name), text())
  }
  await write(request.jsonReportFile, () => `${JSON.stringify(report, undefined, 2)}\n`)
  await write(request.junitReportFile, () => junitXml(report))
  return report
}

/** The nearest directory upwards that has a service file; without one the given directory, which then says so. */
async function serviceRoot({files}: {files: Files}, directory: string): Promise<string> {
  for (let current = directory; ; current = path.dirname(current)) {
    if (await files.exists(path.join(current, serviceFileName))) return current
    if (path.dirname(current) === current) return directory
  }
}

async function readSecrets(
  needs: SmokeServiceNeeds,
  request: SmokeServiceRequest,
): Promise<Record<string, string>> {
  const {secretsFile} = request
  if (secretsFile === undefined) return {}
  const text = await needs.files.readText(path.resolve(request.directory, secretsFile), longestSecretsBytes)
  if (text !== undefined) return parseSecrets(text, secretsFile)
  throw new YardError('E_USAGE', {
    what: `Can't read the secrets in ${secretsFile}`,
    why: 'there is no such file',
    next: [`ls -l ${secretsFile}`],
  })
}

function belowRoot(root: string, glob: string): string {
  const relative = path.relative(root, glob).split(path.sep).join('/')
  if (!relative.startsWith('../') && !path.isAbsolute(relative)) return relative
  throw new YardError('E_USAGE', {
    what: `Can't run the smoke tests in ${glob}`,
    why: `they are outside of the service in ${root}`,
    next: ['yard smoke --file smoke/ready.hurl', 'change into the directory of the service'],
  })
}
