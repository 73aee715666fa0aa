import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

const root = fileURLToPath(new URL('../..', import.meta.url))
const depcruise = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
let copy: string

beforeAll(() => {
  copy = mkdtempSync(path.join(os.tmpdir(), 'yard-layers-'))
  for (const name of ['node_modules', 'tsconfig.json', 'package.json', '.dependency-cruiser.cjs']) {
    symlinkSync(path.join(root, name), path.join(copy, name))
  }
})
afterAll(() => rmSync(copy, {recursive: true, force: true}))

function cruise(files: Record<string, string>): {status: number | null; output: string} {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(copy, file)), {recursive: true})
    writeFileSync(path.join(copy, file), text)
  }
  const args = [depcruise, '--config', '.dependency-cruiser.cjs', 'src']
  const {status, stdout, stderr} = spawnSync(process.execPath, args, {cwd: copy, encoding: 'utf8'})
  rmSync(path.join(copy, 'src'), {recursive: true, force: true})
  return {status, output: stdout + stderr}
}

const adapter = {'src/adapters/store-x/index.ts': 'export const store = 1\n'}

test('an import from domain to an adapter is refused', () => {
  const {output, status} = cruise({
    ...adapter,
    'src/domain/planted.ts':
      "import {store} from '../adapters/store-x/index.js'\nexport const planted = store\n",
  })
  expect(status).not.toBe(0)
  expect(output).toContain('domain-imports: src/domain/planted.ts')
})

test('an import from one adapter to another is refused', () => {
  const {output, status} = cruise({
    ...adapter,
    'src/adapters/store-y/index.ts': "export {store} from '../store-x/index.js'\n",
  })
  expect(status).not.toBe(0)
  expect(output).toContain('adapters-stand-alone')
})

test('a package is refused outside of its home', () => {
  const {output, status} = cruise({'src/terminal/planted.ts': "export {parse} from 'yaml'\n"})
  expect(status).not.toBe(0)
  expect(output).toContain('home-of-yaml')
})

test('a file opened by a lifecycle step is refused', () => {
  const {output, status} = cruise({'src/lifecycle/planted.ts': "export {readFile} from 'node:fs/promises'\n"})
  expect(status).not.toBe(0)
  expect(output).toContain('no-outside-world')
})

test('an adapter that keeps to its contracts passes', () => {
  expect(cruise(adapter)).toMatchObject({status: 0})
})
