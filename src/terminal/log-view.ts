import {type Level} from '../domain/logs/level.js'
import {peopleLine} from '../domain/logs/people-line.js'
import {type TailedLine} from '../lifecycle/tail.js'
import {paint} from './colors.js'
import {safeText} from './safe-text.js'

export type LogView = (line: TailedLine) => string

/** Shows lines of several instances; prefixes line up, and each instance keeps its colour. */
export function logView(): LogView {
  const colors = new Map<string, number>()
  let width = 0
  return (line) => {
    const origin = originOf(line)
    if (!colors.has(origin)) colors.set(origin, colors.size)
    width = Math.max(width, origin.length)
    const prefix = paint.label(origin.padEnd(width), colors.get(origin) ?? 0)
    return content(line)
      .map((text) => `${prefix} ${text}`)
      .join('\n')
  }
}

/** The text as it was written, escapes and all. */
export function rawLogView(line: TailedLine): string {
  return line.text
}

/** `hello r12 web@localhost`, or the part of the environment. */
function originOf(line: TailedLine): string {
  if (line.service === undefined) return safeText(line.part ?? 'yard')
  const host = line.instance?.split('@')[1]
  const place = [line.process ?? 'web', host].filter((word) => word !== undefined).join('@')
  return safeText([line.service, line.release, place].filter((word) => word !== undefined).join(' '))
}

function content(line: TailedLine): string[] {
  const time = paint.dim(timeOfDay(line.at))
  if (line.stream === 'yard') return [`${time} ${paint.dim(`-- ${safeText(line.message)} --`)}`]
  const {text, stack} = peopleLine(line)
  const level = line.fields === undefined ? '' : `${levelWord(line.level)} `
  return [
    `${time} ${level}${safeText(text)}`,
    ...stack.map((each) => `${time}   ${paint.dim(safeText(each))}`),
  ]
}

/** `19:15:00.123`, in the time zone of whoever looks. */
function timeOfDay(at: string): string {
  const date = new Date(at)
  const two = (number: number) => String(number).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}

function levelWord(level: Level | undefined): string {
  const word = (level ?? 'log').toUpperCase().padEnd(5)
  if (level === 'error' || level === 'fatal') return paint.bad(word)
  if (level === 'warn') return paint.warn(word)
  return level === 'info' ? paint.good(word) : paint.dim(word)
}
