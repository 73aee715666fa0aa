import {instance, type RenderResult} from '@viz-js/viz'

import {type GraphDrawer} from '../../contracts/graph-drawer.js'
import {YardError} from '../../errors.js'

/** Graphviz compiled to WebAssembly: nothing needs to be installed. */
export class GraphvizDrawer implements GraphDrawer {
  /** @throws YardError E_USAGE when Graphviz can't draw it. */
  async svg(dot: string): Promise<string> {
    // One that ran out of memory can't be used again, so each picture gets its own.
    const graphviz = await instance()
    let drawn: RenderResult
    try {
      drawn = graphviz.render(dot, {format: 'svg', engine: 'dot'})
    } catch (error) {
      throw undrawable(error instanceof Error ? error.message : String(error))
    }
    if (drawn.status === 'success') return drawn.output
    throw undrawable(drawn.errors.map(({message}) => message).join(', '))
  }
}

function undrawable(message: string): YardError {
  return new YardError('E_USAGE', {
    what: "Can't draw the graph",
    why: `Graphviz gives up on it: ${message.replace(/\s+/g, ' ').slice(0, 300)}`,
    next: ['yard graph --service NAME --format svg', 'yard graph --format dot'],
  })
}
