import {type Consumer} from './consumer.js'
import {type Service} from './service.js'

/** One service that calls, or may call, another. */
export interface Call {
  from: string
  to: string
  /** `service.yaml` of the caller lists it under `calls`. */
  isDeclared: boolean
  /** The caller is a consumer of the one it calls. */
  isAllowed: boolean
}

export interface CallGraph {
  /** Sorted. Also services that are called without being in the catalog. */
  services: {name: string; isRegistered: boolean}[]
  /** Sorted by caller, then by the one that is called. */
  calls: Call[]
}

/** Who calls whom: what services say of themselves, and what they are allowed. */
export function callGraph(
  services: readonly Pick<Service, 'name' | 'calls'>[],
  consumers: readonly Pick<Consumer, 'consumer' | 'service'>[],
): CallGraph {
  const calls = new Map<string, Call>()
  const callOf = (from: string, to: string): Call => {
    const key = JSON.stringify([from, to])
    const call = calls.get(key) ?? {from, to, isDeclared: false, isAllowed: false}
    calls.set(key, call)
    return call
  }
  for (const {calls: called = [], name} of services) {
    for (const to of called) callOf(name, to).isDeclared = true
  }
  for (const {consumer, service} of consumers) callOf(consumer, service).isAllowed = true
  const registered = new Set(services.map(({name}) => name))
  const named = [...calls.values()].flatMap(({from, to}) => [from, to])
  return {
    services: [...new Set([...registered, ...named])]
      .sort(byText)
      .map((name) => ({name, isRegistered: registered.has(name)})),
    calls: [...calls.values()].sort((one, other) => byText(one.from, other.from) || byText(one.to, other.to)),
  }
}

/** A service, who calls it, and whom it calls; nothing of what these do among themselves. */
export function neighbourhood({calls, services}: CallGraph, service: string): CallGraph {
  const near = calls.filter(({from, to}) => from === service || to === service)
  const names = new Set([service, ...near.flatMap(({from, to}) => [from, to])])
  return {services: services.filter(({name}) => names.has(name)), calls: near}
}

/** One line of the tree. */
export interface TreeLine {
  name: string
  isRegistered: boolean
  /** How it is reached from the line it belongs to; undefined for a root. */
  call: Call | undefined
  /** For every level above and its own: whether more of the same level comes below. Empty for a root. */
  hasMoreBelow: boolean[]
  /** Why what it calls isn't shown here: it's shown above, or below because this line is deep, or leads back to itself. */
  cut?: 'above' | 'below' | 'cycle'
}

/**
 * The graph as a tree to print: services that nobody calls come first, then the first
 * of each circle and of what lies very deep. Each service is
 * unfolded once, so there are never more lines than services and calls together.
 */
export function callTree(graph: CallGraph): TreeLine[] {
  const walk = new TreeWalk(graph)
  const called = new Set(graph.calls.filter(({from, to}) => from !== to).map(({to}) => to))
  for (const {name} of graph.services) if (!called.has(name)) walk.from(name)
  for (const {name} of graph.services) if (!walk.hasShown(name)) walk.from(name)
  return walk.lines
}

/** Lines further to the right can't be read; what they would unfold becomes a root. */
const deepestLevel = 12

interface Step {
  name: string
  call: Call | undefined
  hasMoreBelow: boolean[]
}

class TreeWalk {
  readonly lines: TreeLine[] = []
  private readonly callsFrom = new Map<string, Call[]>()
  private readonly registered: ReadonlySet<string>
  private readonly shown = new Set<string>()
  /** The services that lead from the root to the present line. */
  private readonly path: string[] = []

  constructor(graph: CallGraph) {
    for (const call of graph.calls) {
      const calls = this.callsFrom.get(call.from)
      if (calls === undefined) this.callsFrom.set(call.from, [call])
      else calls.push(call)
    }
    this.registered = new Set(graph.services.filter(({isRegistered}) => isRegistered).map(({name}) => name))
  }

  hasShown(name: string): boolean {
    return this.shown.has(name)
  }

  /** Without recursion: a chain may be as long as the catalog. */
  from(root: string): void {
    const waiting: Step[] = [{name: root, call: undefined, hasMoreBelow: []}]
    for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
      waiting.push(...this.show(step).reverse())
    }
  }

  /** Adds the line and returns what belongs below it. */
  private show({call, hasMoreBelow, name}: Step): Step[] {
    const line = {name, call, hasMoreBelow, isRegistered: this.registered.has(name)}
    this.path.length = hasMoreBelow.length
    const calls = this.callsFrom.get(name) ?? []
    if (this.path.includes(name)) {
      this.lines.push({...line, cut: 'cycle'})
      return []
    }
    if (this.shown.has(name) && calls.length > 0) {
      this.lines.push({...line, cut: 'above'})
      return []
    }
    if (this.path.length === deepestLevel && calls.length > 0) {
      this.lines.push({...line, cut: 'below'})
      return []
    }
    this.lines.push(line)
    this.shown.add(name)
    this.path.push(name)
    return calls.map((each, index) => ({
      name: each.to,
      call: each,
      hasMoreBelow: [...hasMoreBelow, index < calls.length - 1],
    }))
  }
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
