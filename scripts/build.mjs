// Builds dist/ from src/: templates are compiled, each command becomes one small file beside shared chunks
// (bundled, because start-up is a feature), and the command manifest is written last.
import {readdir, readFile, rm} from 'node:fs/promises'
import {isBuiltin} from 'node:module'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import esbuild from 'esbuild'

import {writeManifest} from './manifest.mjs'
import {precompileTemplates} from './precompile-templates.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

// Native, or loading files of their own at run time; and what oclif only reaches for in development.
const external = [
  '@photostructure/sqlite',
  'fastify',
  '@fastify/rate-limit',
  '@fastify/swagger',
  'ssh2',
  'typescript',
  'ts-node',
  'tsx',
]

// Packages written as CommonJS call require() for Node's own modules.
const requireBanner =
  "import {createRequire as requireFrom} from 'node:module';const require=requireFrom(import.meta.url);const __dirname=import.meta.dirname;"

export async function build() {
  await precompileTemplates()
  await bundle()
  await bundleSidecar()
  await writeManifest()
}

async function bundle() {
  await rm(path.join(root, 'dist'), {recursive: true, force: true})
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [
      {in: 'src/app/cli.ts', out: 'cli'},
      {in: 'src/app/command-not-found.ts', out: 'command-not-found'},
      {in: 'src/adapters/processes-local/keeper.ts', out: 'keeper'},
      ...(await commandEntries()),
    ],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    sourcemap: true,
    legalComments: 'none',
    logLevel: 'warning',
    banner: {js: requireBanner},
  })
}

/** The sidecar in one file: everything is inside but Node's own modules, so that a host needs no packages. */
async function bundleSidecar() {
  const {version} = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const {metafile} = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/app/sidecar-program.ts'],
    outfile: 'dist/sidecar.mjs',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    define: {YARD_VERSION: JSON.stringify(version)},
    banner: {js: `#!/usr/bin/env node\n${requireBanner}`},
  })
  const strangers = Object.values(metafile.outputs)
    .flatMap(({imports}) => imports.map((each) => each.path))
    .filter((name) => !isBuiltin(name))
  if (strangers.length > 0) throw new Error(`dist/sidecar.mjs imports ${strangers.join(', ')}`)
}

async function commandEntries() {
  const files = await readdir(path.join(root, 'src/commands'), {recursive: true})
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      in: path.join('src/commands', file),
      out: path.join('commands', file.slice(0, -'.ts'.length)),
    }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
