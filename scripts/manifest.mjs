// Writes oclif.manifest.json, the list of commands that start-up reads instead of looking at every file.
import {readFile, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {Plugin} from '@oclif/core'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
export const manifestFile = path.join(root, 'oclif.manifest.json')

export async function renderManifest() {
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  const commands = Object.entries(plugin.manifest.commands).sort(([one], [other]) => (one < other ? -1 : 1))
  return `${JSON.stringify({commands: Object.fromEntries(commands), version: plugin.manifest.version}, undefined, 2)}\n`
}

export async function writeManifest() {
  const present = await readFile(manifestFile, 'utf8').catch(() => '')
  await rm(manifestFile, {force: true})
  const text = await renderManifest().catch(async (error) => {
    if (present !== '') await writeFile(manifestFile, present)
    throw error
  })
  await writeFile(manifestFile, text)
}
