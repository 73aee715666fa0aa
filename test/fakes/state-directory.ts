import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach} from '@jest/globals'

/** An empty state directory for each test of a file. */
export function stateDirectory(): {readonly path: string} {
  const state = {path: ''}
  beforeEach(() => {
    state.path = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
  })
  afterEach(() => {
    delete process.env['YARD_HAPROXY']
    rmSync(state.path, {recursive: true, force: true})
  })
  return state
}
