// `yard generate service` beside plop, hygen and yeoman-environment rendering the same files with the same variables.
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

import {compare, printRatios} from './measure.mjs'

const yard = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const rivals = fileURLToPath(new URL('rivals', import.meta.url))
const program = (name) => path.join(rivals, 'node_modules/.bin', name)
const name = 'bench-service'

export function bench() {
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  try {
    const files = generatedFiles(work)
    writeRivalTemplates(work, files)
    const target = (tool, round) => {
      const directory = path.join(work, 'out', `${tool}-${round}`)
      mkdirSync(directory, {recursive: true})
      return directory
    }
    const best = compare(
      [
        {
          name: 'yard generate service',
          command: (round) => ({
            file: process.execPath,
            args: [yard, 'generate', 'service', name, '--no-install', '--ci', 'github'],
            cwd: target('yard', round),
            env: {YARD_STATE_DIR: path.join(work, 'state')},
          }),
        },
        {
          name: 'plop',
          command: (round) => ({
            file: process.execPath,
            args: [
              program('plop'),
              '--plopfile',
              path.join(work, 'plop/plopfile.js'),
              '--dest',
              target('plop', round),
              'service',
              name,
            ],
            cwd: work,
          }),
        },
        {
          name: 'hygen',
          command: (round) => ({
            file: process.execPath,
            args: [program('hygen'), 'service', 'new', '--name', name, '--out', target('hygen', round)],
            cwd: path.join(work, 'hygen'),
            env: {HYGEN_OVERWRITE: '1'},
          }),
        },
        {
          name: 'yeoman-environment',
          command: (round) => ({
            file: process.execPath,
            args: [path.join(work, 'yeoman/run.js'), name],
            cwd: target('yeoman', round),
          }),
        },
      ],
      9,
    )
    for (const tool of ['yard', 'plop', 'hygen', 'yeoman'])
      expectFiles(path.join(work, 'out', `${tool}-0`), files)
    return printRatios(
      `Generate a service of ${files.length} files (yard also writes a git commit)`,
      best,
      'plop',
      [
        {name: 'yard generate service', of: 'plop', most: 1},
        {name: 'yard generate service', of: 'yeoman-environment', most: 1 / 3},
      ],
    )
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}

/** What yard makes once, read back: each rival renders these very files, with the name as a variable. */
function generatedFiles(work) {
  const once = path.join(work, 'once')
  mkdirSync(once)
  const made = spawnSync(
    process.execPath,
    [yard, 'generate', 'service', name, '--no-install', '--ci', 'github'],
    {
      cwd: once,
      env: {...process.env, YARD_STATE_DIR: path.join(work, 'state')},
      encoding: 'utf8',
    },
  )
  if (made.status !== 0) throw new Error(made.stderr)
  return filesBelow(path.join(once, name)).map((file) => ({
    file,
    text: readFileSync(path.join(once, name, file), 'utf8'),
  }))
}

function filesBelow(directory) {
  return readdirSync(directory, {recursive: true})
    .filter((entry) => !/^\.git(\/|$)/.test(entry) && statSync(path.join(directory, entry)).isFile())
    .sort()
}

function expectFiles(directory, files) {
  const found = readdirSync(directory, {recursive: true}).filter(
    (entry) => !/(^|\/)\.git(\/|$)/.test(entry) && statSync(path.join(directory, entry)).isFile(),
  )
  if (found.length < files.length)
    throw new Error(`${directory} holds ${found.length} of ${files.length} files`)
}

function writeRivalTemplates(work, files) {
  for (const {file, text} of files) {
    write(path.join(work, 'plop/templates', `${file}.hbs`), withName(escapeHandlebars(text), '{{name}}'))
    const header = `---\nto: "<%= out %>/<%= name %>/${file}"\n---\n`
    write(
      path.join(work, 'hygen/_templates/service/new', `${file.replaceAll('/', '__')}.ejs.t`),
      header + withName(escapeEjs(text), '<%= name %>'),
    )
    write(path.join(work, 'yeoman/templates', file), withName(escapeEjs(text), '<%= name %>'))
  }
  writePlopfile(work, files)
  writeYeoman(work)
}

const withName = (text, variable) => text.replaceAll(name, variable)
const escapeHandlebars = (text) => text.replaceAll('{{', '\\{{')
const escapeEjs = (text) => text.replaceAll('<%', '<%%')

function writePlopfile(work, files) {
  const actions = files.map(({file}) => ({
    type: 'add',
    path: `{{name}}/${file}`,
    templateFile: `templates/${file}.hbs`,
  }))
  write(
    path.join(work, 'plop/plopfile.js'),
    `export default (plop) => plop.setGenerator('service', {
  prompts: [{type: 'input', name: 'name', message: 'name'}],
  actions: ${JSON.stringify(actions)},
})\n`,
  )
  write(path.join(work, 'plop/package.json'), '{"type": "module"}\n')
}

function writeYeoman(work) {
  const packages = path.join(rivals, 'node_modules')
  write(path.join(work, 'yeoman/package.json'), '{"type": "module"}\n')
  write(
    path.join(work, 'yeoman/run.js'),
    `import {createRequire} from 'node:module'
import path from 'node:path'
import {pathToFileURL} from 'node:url'
const load = (file) => import(pathToFileURL(file).href)
const {createEnv} = await load('${packages}/yeoman-environment/dist/index.js')
const {default: Generator} = await load('${packages}/yeoman-generator/dist/index.js')
class Service extends Generator {
  writing() {
    const name = process.argv[2]
    this.fs.copyTpl(path.join(import.meta.dirname, 'templates/**'), this.destinationPath(name), {name}, {}, {globOptions: {dot: true}})
  }
}
const env = createEnv({skipInstall: true, sharedOptions: {skipInstall: true, force: true}})
env.register(Service, {namespace: 'bench:service', resolved: import.meta.filename})
await env.run(['bench:service'], {force: true, skipInstall: true})
`,
  )
}

function write(file, text) {
  mkdirSync(path.dirname(file), {recursive: true})
  writeFileSync(file, text)
}
