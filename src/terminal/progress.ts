import {type Report, type YardEvent} from '../contracts/report.js'
import {paint} from './colors.js'
import {elapsed} from './elapsed.js'
import {safeBlock, safeText} from './safe-text.js'

export interface ProgressSettings {
  stream: NodeJS.WriteStream
  /** A live list of steps; plain lines where nothing can be redrawn. */
  isLive: boolean
}

export interface Progress {
  report: Report
  /** Leaves what is shown in place and stops redrawing. */
  finish(): void
}

/** Shows events to a person, on stderr. */
export async function showProgress(settings: ProgressSettings): Promise<Progress> {
  return settings.isLive ? liveProgress(settings.stream) : plainProgress(settings.stream)
}

function plainProgress(stream: NodeJS.WriteStream): Progress {
  const titles = new Map<string, string>()
  const report = (event: YardEvent) => {
    if (event.kind === 'step-started') titles.set(event.step, event.title)
    const line = plainLine(event, titles)
    if (line !== undefined) stream.write(`${line}\n`)
  }
  return {report, finish: () => undefined}
}

function plainLine(event: YardEvent, titles: ReadonlyMap<string, string>): string | undefined {
  if (event.kind === 'note') return safeBlock(event.text)
  if (event.kind === 'warning') return `${paint.warn('!')} ${safeBlock(event.text)}`
  if (event.kind === 'step-finished') return finishedLine(event, titles.get(event.step) ?? event.step)
  return undefined
}

function finishedLine(event: Extract<YardEvent, {kind: 'step-finished'}>, title: string): string {
  const marks = {done: paint.good('✓'), skipped: paint.dim('-'), failed: paint.bad('✗')}
  const time = event.outcome === 'skipped' ? '' : ` ${paint.dim(elapsed(event.millis))}`
  const detail = event.detail === undefined ? '' : ` ${paint.dim(`(${safeText(event.detail)})`)}`
  return `${marks[event.outcome]} ${title}${time}${detail}`
}

/** What redraws is loaded only where something can be redrawn. */
async function liveProgress(stream: NodeJS.WriteStream): Promise<Progress> {
  const {createLogUpdate} = await import('log-update')
  const draw = createLogUpdate(stream)
  const running = new Map<string, {title: string; since: number; line: string}>()
  const redraw = () => draw(runningLines(running, stream.columns === 0 ? 80 : stream.columns))
  const timer = setInterval(() => (running.size > 0 ? redraw() : undefined), 120)
  timer.unref()

  const report = (event: YardEvent) => {
    if (event.kind === 'step-started')
      running.set(event.step, {title: event.title, since: Date.now(), line: ''})
    if (event.kind === 'step-output') {
      const step = running.get(event.step)
      if (step !== undefined) step.line = event.line
    }
    const titles = new Map([...running].map(([step, {title}]) => [step, title]))
    const line = plainLine(event, titles)
    if (event.kind === 'step-finished') running.delete(event.step)
    if (line !== undefined) {
      draw.clear()
      stream.write(`${line}\n`)
    }
    if (running.size > 0) redraw()
    else draw.clear()
  }
  return {
    report,
    finish: () => {
      clearInterval(timer)
      draw.clear()
      draw.done()
    },
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

function runningLines(
  running: ReadonlyMap<string, {title: string; since: number; line: string}>,
  columns: number,
): string {
  return [...running.values()]
    .map(({title, since, line}) => {
      const millis = Date.now() - since
      const frame = frames[Math.floor(millis / 120) % frames.length] ?? ''
      const head = `${frame} ${title} ${elapsed(millis)}`
      const room = columns - head.length - 4
      const safe = safeText(line).slice(0, Math.max(0, room))
      return `${paint.command(frame)} ${title} ${paint.dim(`${elapsed(millis)}  ${safe}`)}`
    })
    .join('\n')
}
