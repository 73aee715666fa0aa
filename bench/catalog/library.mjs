// The parts of yard that the bench calls itself, compiled from their source into one file beside the packages they need.
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import esbuild from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

const parts = `
export {openStore} from './src/app/open-catalog.js'
export {parseCatalogUrl} from './src/app/catalog-url.js'
export {Catalog} from './src/catalog/catalog.js'
export {keys} from './src/catalog/keys.js'
export {readRouted} from './src/catalog/snapshot.js'
export {etcdMissing, startCluster} from './test/support/etcd/cluster.js'
`

/** Resolves with the file that was made, and what removes it. `more` are exports besides those that every bench needs. */
export async function makeLibrary(more = '') {
  const cache = path.join(root, 'node_modules/.cache')
  mkdirSync(cache, {recursive: true})
  const directory = mkdtempSync(path.join(cache, 'yard-bench-'))
  const file = path.join(directory, 'library.mjs')
  await esbuild.build({
    stdin: {contents: parts + more, resolveDir: root, loader: 'ts'},
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@photostructure/sqlite', 'ssh2'],
    logLevel: 'warning',
    banner: {
      js: "import {createRequire as requireFrom} from 'node:module';const require=requireFrom(import.meta.url);",
    },
  })
  return {file, remove: () => rmSync(directory, {recursive: true, force: true})}
}

/** Opens the store that a URL names. The token is for HTTP. */
export async function openStoreAt(library, url, token) {
  const access = async () => ({tls: {}, ...(token !== undefined && {token})})
  return library.openStore(library.parseCatalogUrl(url), access, () => undefined)
}
