// Puts the demo, as it really ran, into README.md: `npm run demo > demo.txt 2>&1 && node scripts/record-demo.mjs demo.txt`.
import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const readme = fileURLToPath(new URL('../README.md', import.meta.url))
const [, , recorded] = process.argv
const output = readFileSync(recorded, 'utf8')
const begun = output.indexOf('# 1. ')
const ended = output.indexOf('\n', output.indexOf('# Next on many hosts'))
if (begun === -1 || ended === -1) throw new Error(`${recorded} is no whole demo`)

const transcript = output.slice(begun, ended).trimEnd()
const text = readFileSync(readme, 'utf8')
const block = `<!-- demo -->\n\n\`\`\`console\n${transcript}\n\`\`\`\n\n<!-- demostop -->`
writeFileSync(
  readme,
  text.replace(/<!-- demo -->[\s\S]*<!-- demostop -->/, () => block),
)
