// `npm run bench [name …]`: every file of bench/, each with yard and its rivals in the same run.
import {readdirSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {build} from './build.mjs'

const folder = fileURLToPath(new URL('../bench', import.meta.url))

export async function bench(wanted) {
  await build()
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.mjs') && file !== 'measure.mjs')
    .map((file) => path.basename(file, '.mjs'))
  let isMet = true
  for (const name of names.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    const {bench: run} = await import(path.join(folder, `${name}.mjs`))
    isMet = (await run()) && isMet
  }
  process.exitCode = isMet ? 0 : 1
}
