// Writes what is generated: a page for each command, the command list in README.md, the JSON Schemas.
// With --check nothing is written, and a stale file is an error.
import {mkdir, readFile, readdir, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {Config, Help} from '@oclif/core'

import {renderSchemas} from './schemas.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const pages = 'docs/commands'

class PlainHelp extends Help {
  page(command) {
    return this.formatCommand(command)
  }
}

async function generatedFiles() {
  const config = await Config.load({root, devPlugins: false, userPlugins: false})
  const help = new PlainHelp(config, {stripAnsi: true, maxWidth: 100})
  const commands = config.commands
    .filter((command) => command.pluginName === config.name && !command.hidden)
    .sort((one, other) => (one.id < other.id ? -1 : 1))
  const files = new Map()
  for (const command of commands) files.set(pageOf(command), commandPage(help, command))
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  files.set('README.md', withCommandList(readme, commands))
  for (const [file, text] of await renderSchemas()) files.set(file, text)
  return files
}

function pageOf(command) {
  return `${pages}/${command.id.replaceAll(':', '-')}.md`
}

function commandPage(help, command) {
  const name = `yard ${command.id.replaceAll(':', ' ')}`
  // A copy, because help puts spaces into the id it's given.
  const text = help
    .page({...command})
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
  return `# ${name}\n\n\`\`\`\n${text}\n\`\`\`\n`
}

function withCommandList(readme, commands) {
  const rows = commands.map((command) => {
    const name = `yard ${command.id.replaceAll(':', ' ')}`
    return `| [\`${name}\`](${pageOf(command)}) | ${command.summary} |`
  })
  const list = [
    '<!-- commands -->',
    '',
    '| command | what it does |',
    '|---|---|',
    ...rows,
    '',
    '<!-- commandsstop -->',
  ]
  return readme.replace(/<!-- commands -->[\s\S]*<!-- commandsstop -->/, list.join('\n'))
}

async function stalePages(files) {
  const present = await readdir(path.join(root, pages)).catch(() => [])
  return present.map((name) => `${pages}/${name}`).filter((file) => !files.has(file))
}

const files = await generatedFiles()
const isCheck = process.argv.includes('--check')
const stale = await stalePages(files)
for (const [file, text] of files) {
  const present = await readFile(path.join(root, file), 'utf8').catch(() => undefined)
  if (present !== text) stale.push(file)
}
if (isCheck && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}\nNext: npm run docs`)
  process.exitCode = 1
}
if (!isCheck) {
  for (const file of stale) {
    const text = files.get(file)
    await mkdir(path.dirname(path.join(root, file)), {recursive: true})
    await (text === undefined ? rm(path.join(root, file)) : writeFile(path.join(root, file), text))
    console.log(`${text === undefined ? 'removed' : 'wrote'} ${file}`)
  }
}
