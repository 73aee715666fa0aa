import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {type PlainService} from '../support/plain-service.js'
import {type Ended} from '../support/sandbox.js'

const heldMillis = 60_000
/** Waits as long as `hold` is there. */
const holdingHook =
  'if [ -e "$HOME/hold" ]; then touch "$HOME/held"; while [ -e "$HOME/hold" ]; do sleep 0.05; done; fi'

/** Has deploys of a service run the hook in which they can be held. */
export function addHoldingHook(service: PlainService): void {
  const file = readFileSync(path.join(service.root, 'service.yaml'), 'utf8')
  if (file.includes('hooks:')) return
  service.write('service.yaml', `${file}hooks: {beforeDeploy: [${JSON.stringify(holdingHook)}]}\n`)
}

/** Does something while a deploy waits in that hook. @param home of the deploy @throws Error when it never comes there */
export async function whileHeld(
  home: string,
  deploy: () => Promise<Ended>,
  work: () => Promise<unknown>,
): Promise<Ended> {
  const hold = path.join(home, 'hold')
  const held = path.join(home, 'held')
  rmSync(held, {force: true})
  writeFileSync(hold, '')
  const ended = deploy()
  try {
    await Promise.race([isThere(held), ended])
    if (!existsSync(held)) {
      const {stderr, stdout} = await ended
      throw new Error(`it never came to its hook: ${stdout}${stderr}`)
    }
    await work()
  } finally {
    rmSync(hold, {force: true})
  }
  return ended
}

async function isThere(file: string): Promise<void> {
  const deadline = Date.now() + heldMillis
  while (!existsSync(file)) {
    if (Date.now() > deadline) throw new Error(`${file} never came to be`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
