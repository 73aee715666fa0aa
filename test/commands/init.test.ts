import {existsSync, readFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import CatalogDiff from '../../src/commands/catalog/diff.js'
import Init from '../../src/commands/init.js'
import {DirectoryHere} from '../fakes/directory-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new DirectoryHere()

test('writes a file that the other commands take, with the own recipient', async () => {
  const {error, stdout} = await runCommand(Init, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain(`Wrote ${here.path}/yard.yaml`)
  expect(readFileSync('yard.yaml', 'utf8')).toMatch(/^recipients:\n {2}- age1[0-9a-z]{58} # \S+$/m)
  const diff = await runCommand(CatalogDiff, [], here.state)
  expect([diff.error, diff.stdout]).toEqual([undefined, expect.stringContaining('nothing to do')])
})

test('names the catalog that was given', async () => {
  await runCommand(Init, ['--catalog', 'etcd://10.0.0.1,10.0.0.2'], here.state)

  expect(readFileSync('yard.yaml', 'utf8')).toContain('catalog:\n  url: "etcd://10.0.0.1,10.0.0.2"\n')
})

test('as a dry run shows the file and writes nothing; with --json it is one document', async () => {
  const {stdout} = await runCommand(Init, ['--dry-run'], here.state)
  const {stdout: json} = await runCommand(Init, ['--dry-run', '--json'], here.state)

  expect(stdout).toContain('# environments:\n#   staging:\n')
  expect(JSON.parse(json)).toMatchObject({dryRun: true, file: `${here.path}/yard.yaml`})
  expect(existsSync('yard.yaml')).toBe(false)
})

test('leaves a file that is there alone', async () => {
  here.declare('# mine')

  const {error} = await runCommand(Init, [], here.state)

  expect(error).toMatchObject({code: 'E_TARGET_EXISTS', exitCode: 3})
  expect(readFileSync('yard.yaml', 'utf8')).toBe('# mine\n')
})
