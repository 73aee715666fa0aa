/** Called around every step of a deploy, and between the writes inside of one. */
export type Failpoint = (step: string, moment: string) => Promise<void>

/**
 * `YARD_FAILPOINT=move:after:kill` kills this program with SIGKILL there. It exists so that a test can show, with the
 * real program, that a deploy killed anywhere is mended by the next one.
 */
export function parseFailpoint(text: string | undefined): Failpoint | undefined {
  const match = /^([a-z-]+):([a-z-]+):kill$/.exec(text ?? '')
  if (match === null) return undefined
  const [, wantedStep, wantedMoment] = match
  return async (step, moment) => {
    if (step !== wantedStep || moment !== wantedMoment) return
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => setInterval(() => undefined, 1_000))
  }
}
