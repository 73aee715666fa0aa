import {configFile} from '../domain/haproxy/rendered.js'
import {hunks} from '../domain/line-diff.js'
import {neutralise} from '../domain/logs/escapes.js'
import {type FileDifference, type RenderReport} from '../lifecycle/render/haproxy.js'
import {paint} from './colors.js'

/** The configuration alone, fit for a file or a pipe. */
export function renderView({files}: RenderReport): string {
  const config = files.find(({name}) => name === configFile)
  return (config?.text ?? '').replace(/\n$/, '')
}

/** What a host has and what it would get, in the form of `diff -u`. */
export function differenceView({differences = [], environment, host}: RenderReport): string {
  const place = host === undefined ? environment : `${host} in ${environment}`
  if (differences.length === 0) return `${paint.strong(place)} has what the catalog says: no difference`
  return differences.flatMap(fileLines).join('\n')
}

/** The files that were written. */
export function writtenView(paths: readonly string[]): string {
  return paths.map((path) => `${paint.good('✓')} Wrote ${neutralise(path)}`).join('\n')
}

/** Several files after each other, each under its name. */
export function textsView(files: readonly {name: string; text: string}[]): string {
  return files.map(({name, text}) => `# ${name}\n${text.replace(/\n$/, '')}`).join('\n\n')
}

function fileLines({lines, name}: FileDifference): string[] {
  return [
    paint.strong(`--- ${name} on the host`),
    paint.strong(`+++ ${name} from the catalog`),
    ...hunks(lines).flatMap((hunk) => [paint.dim('@@'), ...hunk.map(lineText)]),
  ]
}

function lineText({kind, text}: FileDifference['lines'][number]): string {
  const shown = neutralise(text)
  switch (kind) {
    case 'removed':
      return paint.bad(`-${shown}`)
    case 'added':
      return paint.good(`+${shown}`)
    case 'same':
      return ` ${shown}`
  }
}
