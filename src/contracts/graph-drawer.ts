/** Draws a graph that is written in the DOT language. */
export interface GraphDrawer {
  /** The picture as the text of an SVG file. */
  svg(dot: string): Promise<string>
}
