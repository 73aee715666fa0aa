// `npm test`: the checks, then every test there is, then one line that counts them.
import {availableParallelism} from 'node:os'

import {check} from './check.mjs'
import {runJest} from './jest.mjs'

export async function test() {
  const isClean = await check()
  // Most wait for processes, proxies and machines of their own: one worker for each core leaves a third of the time idle.
  const workers = `--maxWorkers=${Math.ceil(availableParallelism() * 1.5)}`
  const unit = await runJest(['unit', 'contract'], [workers])
  const endToEnd = await runJest(['e2e'], [workers])
  const runs = [unit, endToEnd]
  const sum = (name) => runs.reduce((total, {counts}) => total + counts[name], 0)
  const failed = sum('failed') + (isClean ? 0 : 1)
  console.log(`\n${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`)
  const isFine = isClean && failed === 0 && runs.every(({exitCode}) => exitCode === 0)
  process.exitCode = isFine ? 0 : 1
}
