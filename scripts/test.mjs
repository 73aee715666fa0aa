// `npm test`: the checks, then every test there is, then one line that counts them.
import {check} from './check.mjs'
import {runJest} from './jest.mjs'

export async function test() {
  const isClean = await check()
  const unit = await runJest(['unit', 'contract'])
  const endToEnd = await runJest(['e2e'])
  const runs = [unit, endToEnd]
  const sum = (name) => runs.reduce((total, {counts}) => total + counts[name], 0)
  const failed = sum('failed') + (isClean ? 0 : 1)
  console.log(`\n${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`)
  const isFine = isClean && failed === 0 && runs.every(({exitCode}) => exitCode === 0)
  process.exitCode = isFine ? 0 : 1
}
