import {pathProblem, pathCollision} from '../domain/generate/file-paths.js'
import {type Answers, type CiSystem} from '../domain/generate/answers.js'
import {encoders, type Format} from './encoders.js'
import {type PackFile} from './pack.js'
import {renderTemplate, TemplateError, type TemplateHelper} from './render.js'

/** What a new service is rendered from: data only, no code runs. */
export interface Pack {
  name: string
  version: string
  /** sha256 of the files as they stand in the pack. */
  digest: string
  files: readonly PackFile[]
}

export interface RenderedFile {
  path: string
  executable: boolean
  text: string
}

export const packNames = ['node'] as const
export type PackName = (typeof packNames)[number]

/** Loads a pack that was compiled ahead of time. */
export async function loadPack(name: PackName): Promise<Pack> {
  const {version, load} = packs[name]
  const {files, digest} = await load()
  return {name, version, digest, files}
}

const packs = {node: {version: '1.0.0', load: () => import('./precompiled/node.js')}}

/** Only one CI system's files become part of a service. */
const ciFiles: Record<Exclude<CiSystem, 'none'>, RegExp> = {
  github: /^\.github\//,
  gitlab: /^\.gitlab-ci\.yml$/,
  jenkins: /^Jenkinsfile$/,
}

/**
 * The files of a service, sorted by path: a pure function of pack and answers.
 * @throws TemplateError naming the pack's file and line: an unknown answer, one used without an encoder, an answer
 *   that no file uses, a path that leaves the service.
 */
export function renderPack(pack: Pack, answers: Answers): RenderedFile[] {
  const {ci, ...values} = answers
  const used = new Set<string>()
  const context = guardedContext(values, used)
  const files = pack.files
    .filter((file) => isChosen(file.path, ci))
    .map((file) => ({
      path: renderPath(file, answers),
      executable: file.executable,
      text: file.template === undefined ? (file.text ?? '') : renderTemplate(file, context, helpers),
    }))
  const unused = Object.keys(values).find((name) => !used.has(name))
  if (unused !== undefined) throw problem(pack.name, `no file uses the answer "${unused}"`)
  const collision = pathCollision(files.map(({path}) => path))
  if (collision) throw problem(pack.name, `${collision.join(' and ')} can't both be written`)
  return files.sort((left, right) => (left.path < right.path ? -1 : 1))
}

function isChosen(path: string, ci: CiSystem): boolean {
  const owner = Object.entries(ciFiles).find(([, pattern]) => pattern.test(path))?.[0]
  return owner === undefined || owner === ci
}

function renderPath(file: PackFile, answers: Answers): string {
  const path = file.path.replace(/\{\{(.*?)\}\}/g, (_match, name: string) => {
    if (name !== 'name') throw problem(file.source, `the path holds "${name}", only the name may stand there`)
    return answers.name
  })
  const why = pathProblem(path)
  if (why !== undefined) throw problem(file.source, `the path ${JSON.stringify(path.slice(0, 250))} ${why}`)
  return path
}

/** Name and port are safe everywhere as they are; anything else has to pass an encoder. */
const plainAnswers = new Set(['name', 'port'])

class NeedsEncoder {
  constructor(
    private readonly name: string,
    readonly value: string,
  ) {}

  toString(): string {
    throw new Error(`the answer "${this.name}" is used without an encoder such as {{yaml ${this.name}}}`)
  }
}

function guardedContext(values: Record<string, string | number>, used: Set<string>): object {
  const context = {}
  for (const [name, value] of Object.entries(values)) {
    const shown = plainAnswers.has(name) ? String(value) : new NeedsEncoder(name, String(value))
    const get = () => {
      used.add(name)
      return shown
    }
    Object.defineProperty(context, name, {get, enumerable: true})
  }
  return context
}

const helpers = Object.fromEntries((Object.keys(encoders) as Format[]).map((format) => [format, helper(format)]))

function helper(format: Format): TemplateHelper {
  return (value: unknown, options: {loc?: {start: {line: number}}}) => {
    if (value instanceof NeedsEncoder) return encoders[format](value.value)
    if (typeof value === 'string') return encoders[format](value)
    const error = new Error(`{{${format} …}} names something that is no answer`)
    throw Object.assign(error, {lineNumber: options.loc?.start.line})
  }
}

function problem(source: string, why: string): TemplateError {
  return new TemplateError(source, undefined, why, undefined)
}
