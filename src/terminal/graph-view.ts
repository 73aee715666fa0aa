import {type CallGraph, callTree, type TreeLine} from '../domain/call-graph.js'
import {neutralise} from '../domain/logs/escapes.js'
import {paint} from './colors.js'

/** Who calls whom, one service a line, callers above those they call. */
export function graphView(graph: CallGraph): string {
  if (graph.services.length === 0) {
    return `No service is registered yet. Make one: ${paint.command('yard generate service hello')}`
  }
  const lines = callTree(graph)
  return [...lines.map(shown), ...legend(graph, lines)].join('\n')
}

function shown(line: TreeLine): string {
  const {call, hasMoreBelow, isRegistered, name} = line
  const notes = [
    ...(isRegistered ? [] : [paint.bad('not registered')]),
    ...(call === undefined || call.isAllowed ? [] : [paint.bad('not allowed')]),
    ...(call === undefined || call.isDeclared ? [] : [paint.dim('not declared')]),
    ...(line.cut === undefined ? [] : [paint.dim(cuts[line.cut])]),
  ]
  const text = neutralise(name)
  const styled = call === undefined ? paint.strong(text) : text
  return [`${branches(hasMoreBelow)}${styled}`, ...notes.map((note) => `(${note})`)].join(' ')
}

const cuts = {above: 'see above', below: 'see below', cycle: '↺ calls itself through others'} as const

function branches(hasMoreBelow: readonly boolean[]): string {
  const own = hasMoreBelow.at(-1)
  if (own === undefined) return ''
  const above = hasMoreBelow.slice(0, -1).map((more) => (more ? '│  ' : '   '))
  return paint.dim(above.join('') + (own ? '├─ ' : '└─ '))
}

function legend({calls}: CallGraph, lines: readonly TreeLine[]): string[] {
  const notes = [
    ...(calls.some(({isAllowed}) => !isAllowed)
      ? [`not allowed: ${paint.command('yard check')} says what to do`]
      : []),
    ...(calls.some(({isDeclared}) => !isDeclared)
      ? ['not declared: allowed, but not in calls: of its service.yaml']
      : []),
    ...(lines.some(({cut}) => cut === 'below')
      ? ['see below: too deep for this line, it has one of its own']
      : []),
  ]
  return notes.length === 0 ? [] : ['', ...notes]
}
