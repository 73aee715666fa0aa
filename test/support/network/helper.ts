import {type ChildProcess} from 'node:child_process'
import {fileURLToPath} from 'node:url'

import {collect, type Namespaces} from './namespaces.js'

/** What an instance of a test is asked to be. */
export interface ServedInstance {
  name: string
  port: number
  isReady?: boolean
}

export interface InstanceCounts {
  name: string
  port: number
  /** Health checks are not counted. */
  requests: number
  /** The last request, its headers as they came: name, value, name, value … */
  seen?: {url: string; headers: string[]}
}

export interface LoadFailure {
  sentAt: string
  why: string
  isReused?: boolean
}

export interface LoadCounts {
  sent: number
  failed: number
  /** How many requests each instance answered, by its name. */
  answeredBy: Record<string, number>
  /** The first ones. */
  failures: LoadFailure[]
}

interface Tasks {
  serve: [ServedInstance, undefined]
  change: [{port: number; isReady?: boolean; isListening?: boolean}, undefined]
  counts: [undefined, InstanceCounts[]]
  'open-door': [{socket: string}, undefined]
  'start-load': [
    {name: string; url: string; header: string; services: string[]; perSecond: number},
    undefined,
  ]
  'look-at-load': [{name: string}, Record<string, LoadCounts>]
  'stop-load': [{name: string}, Record<string, LoadCounts>]
}

/** `inside.mjs` at work on the inside of some namespaces. */
export class Helper {
  private last = 0
  private readonly waiting = new Map<number, (answer: {result?: unknown; error?: string}) => void>()
  private readonly errors: () => string

  private constructor(private readonly child: ChildProcess) {
    this.errors = collect(child.stderr)
    child.on('message', (answer: {id: number; result?: unknown; error?: string}) => {
      this.waiting.get(answer.id)?.(answer)
      this.waiting.delete(answer.id)
    })
    child.on('exit', () => {
      for (const answer of this.waiting.values()) answer({error: `the helper ended: ${this.errors()}`})
    })
  }

  static async start(namespaces: Namespaces, socket: string): Promise<Helper> {
    const program = fileURLToPath(new URL('./inside.mjs', import.meta.url))
    const helper = new Helper(namespaces.spawn(process.execPath, [program], {hasChannel: true}))
    await helper.ask('open-door', {socket})
    return helper
  }

  async ask<T extends keyof Tasks>(task: T, options: Tasks[T][0]): Promise<Tasks[T][1]> {
    const id = ++this.last
    const answered = new Promise<{result?: unknown; error?: string}>((resolve) =>
      this.waiting.set(id, resolve),
    )
    this.child.send({id, task, options})
    const {error, result} = await answered
    if (error !== undefined) throw new Error(error)
    return result as Tasks[T][1]
  }
}
