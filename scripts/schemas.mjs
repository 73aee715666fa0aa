// The JSON Schemas that editors complete from, made of the very schemas that yard checks with.
import {mkdtemp, rm} from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

import {toJsonSchema} from '@valibot/to-json-schema'
import esbuild from 'esbuild'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const sources = [
  {
    source: 'src/domain/deploy-event.ts',
    exported: 'deployEventSchema',
    name: 'deploy-event',
    title: 'What hooks and webhooks are told of a deploy',
  },
  {
    source: 'src/domain/platform-file-schema.ts',
    exported: 'platformFileSchema',
    name: 'platform',
    title: 'yard.yaml',
  },
  {
    source: 'src/domain/service-file-schema.ts',
    exported: 'serviceFileSchema',
    name: 'service',
    title: 'service.yaml',
  },
]

/** Resolves with pairs of a file name and its text. */
export async function renderSchemas() {
  return Promise.all(
    sources.map(async ({exported, name, source, title}) => {
      const loaded = await load(source)
      const schema = toJsonSchema(loaded[exported], {errorMode: 'ignore', typeMode: 'input'})
      const whole = {$schema: schema.$schema, title: `${title} of yard`, ...schema}
      return [`schemas/${name}.schema.json`, `${JSON.stringify(whole, undefined, 2)}\n`]
    }),
  )
}

async function load(source) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'yard-schemas-'))
  try {
    const outfile = path.join(directory, 'schema.mjs')
    await esbuild.build({
      entryPoints: [path.join(root, source)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}
