import fs from 'node:fs'

import {type StorePart} from '../../contracts/store.js'
import {type Connection} from './connection.js'
import {isSafeVersion} from './driver.js'

/** The file, its log, SQLite itself and what it finds in the file. Reads the whole file once. */
export function partsOf(connection: Connection, file: string): StorePart[] {
  return [
    part('file', () => {
      const access = connection.isReadOnly ? ', read-only for this user' : ''
      return {detail: `${file}, ${sizeOf(file)}${access}`}
    }),
    part('journal', () => {
      const {journal_mode} = connection.row('PRAGMA journal_mode') as {journal_mode: string}
      return {detail: `${journal_mode}, ${sizeOf(`${file}-wal`)} not yet in the file`}
    }),
    part('SQLite', () => {
      const {version} = connection.row('SELECT sqlite_version() AS version') as {version: string}
      const isHealthy = isSafeVersion(version)
      return {isHealthy, detail: isHealthy ? version : `${version}, which can damage a shared file`}
    }),
    part('integrity', () => {
      const problems = connection.problems()
      return {isHealthy: problems.length === 0, detail: problems.join('; ') || 'sound'}
    }),
  ]
}

function part(name: string, look: () => {detail: string; isHealthy?: boolean}): StorePart {
  try {
    return {name, isHealthy: true, ...look()}
  } catch (error) {
    return {name, isHealthy: false, detail: error instanceof Error ? error.message : String(error)}
  }
}

function sizeOf(file: string): string {
  const bytes = fs.statSync(file, {throwIfNoEntry: false})?.size ?? 0
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}
