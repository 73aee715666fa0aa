// Compiles the Handlebars templates of each pack ahead of time, so that rendering loads the small runtime only.
// Writes src/templates/precompiled/<pack>.js and its types; both are built, never committed.
import {createHash} from 'node:crypto'
import {mkdir, readFile, readdir, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import Handlebars from 'handlebars'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const output = path.join(root, 'src/templates/precompiled')

const types = `import {type PackFile} from '../pack.js'

export declare const files: readonly PackFile[]

/** sha256 of the pack as it stands in templates/, whatever compiled it. */
export declare const digest: string
`

export async function precompileTemplates() {
  await mkdir(output, {recursive: true})
  const skeletons = await readdir(path.join(root, 'templates/service-skeleton'))
  await precompilePack('haproxy', 'templates/haproxy')
  for (const skeleton of skeletons) await precompilePack(skeleton, `templates/service-skeleton/${skeleton}`)
}

async function precompilePack(name, folder) {
  const base = path.join(root, folder)
  const names = await filesBelow(base)
  const entries = await Promise.all(names.map((file) => packFile(base, file)))
  const digest = await digestOf(base, names)
  await writeWhenChanged(
    path.join(output, `${name}.js`),
    `export const files = [\n${entries.join(',\n')}\n]\n\nexport const digest = '${digest}'\n`,
  )
  await writeWhenChanged(path.join(output, `${name}.d.ts`), types)
}

async function digestOf(base, names) {
  const hash = createHash('sha256')
  for (const name of names) {
    const bytes = await readFile(path.join(base, name))
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

async function filesBelow(base) {
  const entries = await readdir(base, {recursive: true, withFileTypes: true})
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(base, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}

async function packFile(base, file) {
  const text = await readFile(path.join(base, file), 'utf8')
  const {mode} = await stat(path.join(base, file))
  const shared = `source: ${JSON.stringify(file)}, executable: ${String((mode & 0o100) !== 0)}`
  if (!file.endsWith('.hbs'))
    return `{path: ${JSON.stringify(file)}, ${shared}, text: ${JSON.stringify(text)}}`
  const compiled = Handlebars.precompile(keepWorkflowExpressions(text), {
    strict: true,
    noEscape: true,
    preventIndent: true,
  })
  return `{path: ${JSON.stringify(file.slice(0, -'.hbs'.length))}, ${shared}, template: ${compiled}}`
}

/** \`\${{ secrets.TOKEN }}\` of a CI file is no expression of ours: a backslash makes Handlebars print it as it stands. */
function keepWorkflowExpressions(text) {
  return text.replaceAll('${{', '$\\{{')
}

/** An unchanged file keeps its time stamp, so that nothing built from it is built again. */
async function writeWhenChanged(file, text) {
  const present = await readFile(file, 'utf8').catch(() => undefined)
  if (present !== text) await writeFile(file, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await precompileTemplates()
