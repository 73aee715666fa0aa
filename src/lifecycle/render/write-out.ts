import path from 'node:path'

import {type Files} from '../../contracts/files.js'

/**
 * Writes each text to a directory under its name. Returns the absolute paths.
 * @throws YardError E_PERMISSION, E_DISK_FULL
 */
export async function writeOut(
  files: Pick<Files, 'writeText'>,
  directory: string,
  texts: readonly {name: string; text: string}[],
): Promise<string[]> {
  const written: string[] = []
  for (const {name, text} of texts) {
    const file = path.join(directory, name)
    await files.writeText(file, text)
    written.push(file)
  }
  return written
}
