import {Chalk, type ChalkInstance} from 'chalk'

export interface ColorSettings {
  isTerminal: boolean
  /** NO_COLOR, TERM and `--no-color`, read by the caller: chalk itself ignores NO_COLOR. */
  isPlain: boolean
}

let painter: ChalkInstance = new Chalk({level: 0})

/** Decides once, before anything is shown, whether text is coloured. */
export function useColors(settings: ColorSettings): void {
  painter = new Chalk({level: settings.isTerminal && !settings.isPlain ? 1 : 0})
}

export const paint = {
  good: (text: string) => painter.green(text),
  bad: (text: string) => painter.red(text),
  warn: (text: string) => painter.yellow(text),
  dim: (text: string) => painter.dim(text),
  strong: (text: string) => painter.bold(text),
  command: (text: string) => painter.cyan(text),
  /** The same label always gets the same colour. */
  label: (text: string, index: number) => {
    const colors = [painter.cyan, painter.magenta, painter.green, painter.yellow, painter.blue] as const
    return (colors[index % colors.length] ?? painter.cyan)(text)
  },
}
