import fs from 'node:fs'
import path from 'node:path'

import {platformFileName} from '../domain/platform-file.js'
import {type YardPaths} from './paths.js'

/**
 * The platform file in use: the one that was named, else the nearest one from `directory` up, else the user's own.
 * Absolute; undefined when there is none. One that was named is returned whether it exists or not.
 */
export function findPlatformFile(
  named: string | undefined,
  directory: string,
  paths: Pick<YardPaths, 'config'>,
): string | undefined {
  if (named !== undefined && named !== '') return path.resolve(directory, named)
  for (let place = path.resolve(directory); ; place = path.dirname(place)) {
    const file = path.join(place, platformFileName)
    if (fs.existsSync(file) && !mayBePlanted(file)) return file
    if (place === path.dirname(place)) break
  }
  const own = path.join(paths.config, platformFileName)
  return fs.existsSync(own) ? own : undefined
}

/**
 * Whether somebody else put it where everybody may, such as /tmp: it says where tokens are sent to, so it is passed
 * over. Who trusts it names it.
 */
function mayBePlanted(file: string): boolean {
  const isOpenToAll = (fs.statSync(path.dirname(file)).mode & 0o002) !== 0
  const owner = fs.statSync(file).uid
  return isOpenToAll && owner !== process.getuid?.()
}
