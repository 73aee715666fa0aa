import type HandlebarsWithCompiler from 'handlebars'
import runtime from 'handlebars/runtime.js'

import {type PackFile} from './pack.js'

// The runtime's own types are empty; it is the same object without the compiler.
const Handlebars = runtime as unknown as typeof HandlebarsWithCompiler

export type TemplateHelper = (...values: never[]) => unknown

/** A template that names a value its context lacks: a bug in yard, told with the line to look at. */
export class TemplateError extends Error {
  readonly source: string
  readonly line: number | undefined

  constructor(source: string, line: number | undefined, why: string, cause: unknown) {
    super(`${source}${line === undefined ? '' : `:${line}`}: ${why}`, {cause})
    this.name = 'TemplateError'
    this.source = source
    this.line = line
  }
}

/**
 * Text of a template compiled ahead of time (strict, no HTML escaping). Only own properties of the context are seen.
 * @throws TemplateError when a value is missing.
 */
export function renderTemplate(
  file: Pick<PackFile, 'source' | 'template'>,
  context: object,
  helpers: Readonly<Record<string, TemplateHelper>> = {},
): string {
  if (file.template === undefined) throw new TemplateError(file.source, undefined, 'is not a template', undefined)
  try {
    const render = Handlebars.template(file.template)
    return render(context, {helpers: {...Handlebars.helpers, ...helpers}})
  } catch (error) {
    throw new TemplateError(file.source, lineOf(error), error instanceof Error ? error.message : String(error), error)
  }
}

function lineOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('lineNumber' in error)) return undefined
  return typeof error.lineNumber === 'number' ? error.lineNumber : undefined
}
