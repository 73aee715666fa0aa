import {type Call, type CallGraph} from './call-graph.js'

/** One that Graphviz knows the widths of. */
const font = 'Helvetica'
const ink = '#1f2937'
const red = '#c2261d'
const grey = '#6b7280'

/**
 * The graph in the DOT language. A name can be any text: what isn't a letter, a digit, `_`, `.` or `-` is written by its
 * code in the node's id, and shown as it is in its label.
 */
export function callGraphDot(graph: CallGraph): string {
  const isAnyForbidden = graph.calls.some(isForbidden)
  const isAnyUndeclared = graph.calls.some(({isDeclared}) => !isDeclared)
  return [
    'digraph calls {',
    `  graph [rankdir=LR, bgcolor="#ffffff", pad=0.3, nodesep=0.25, ranksep=0.9, fontname="${font}", fontsize=11, fontcolor="#5b6472"${legend(isAnyForbidden, isAnyUndeclared)}${effort(graph)}]`,
    `  node [shape=box, style="rounded,filled", fillcolor="#eef3fb", color="#6b87b3", fontcolor="${ink}", fontname="${font}", fontsize=13, height=0.4, margin="0.16,0.06"]`,
    `  edge [color="#566072", arrowsize=0.7, penwidth=1.2]`,
    ...graph.services.map(({isRegistered, name}) => `  ${nodeId(name)} [${nodeStyle(name, isRegistered)}]`),
    ...graph.calls.map((call) => `  ${nodeId(call.from)} -> ${nodeId(call.to)}${edgeStyle(call)}`),
    '}',
    '',
  ].join('\n')
}

function isForbidden({isAllowed}: Call): boolean {
  return !isAllowed
}

function nodeStyle(name: string, isRegistered: boolean): string {
  const label = `label=${quoted(labelOf(name))}`
  if (isRegistered) return label
  return `${label}, style="rounded,filled,dashed", fillcolor="#fdeceb", color="${red}", tooltip="not in the catalog"`
}

function edgeStyle(call: Call): string {
  if (isForbidden(call)) return ` [color="${red}", style=dashed, tooltip="not a consumer of it"]`
  return call.isDeclared
    ? ''
    : ` [color="${grey}", style=dotted, tooltip="allowed, not in calls: of its service.yaml"]`
}

/** Its first line is a space: a label that begins with an empty line makes Graphviz 16.1 in WebAssembly break down. */
function legend(isAnyForbidden: boolean, isAnyUndeclared: boolean): string {
  const parts = [
    ...(isAnyForbidden ? ['dashed red: calls it without being its consumer'] : []),
    ...(isAnyUndeclared ? ['dotted grey: may call it, and does not say that it does'] : []),
  ]
  return parts.length === 0
    ? ''
    : `, labelloc=b, labeljust=l, label=${quoted([' ', ...parts, ''].join('\\l'))}`
}

/** A large graph is laid out with less care, which is the difference between a second and an hour. */
function effort({calls}: CallGraph): string {
  return calls.length <= 100 ? '' : ', nslimit=1, nslimit1=1, mclimit=0.1, splines=line'
}

/** No two names have the same id. Graphviz takes an id that begins with % for one of its own. */
function nodeId(name: string): string {
  return `"${name.replace(/[^A-Za-z0-9_.-]/g, (unit) => `=${codeOf(unit)}`)}"`
}

const longestLabel = 60

/** Plain ASCII, whatever the name is; Graphviz reads escapes and HTML entities in a label. */
function labelOf(name: string): string {
  const shown = name.slice(0, longestLabel).replace(/[^\x20-\x7e]/g, (unit) => `\\u${codeOf(unit)}`)
  return shown.replaceAll('\\', '\\\\').replaceAll('&', '&amp;')
}

function codeOf(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, '0')
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`
}
