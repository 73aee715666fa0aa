import fs from 'node:fs'
import path from 'node:path'

/**
 * Keeps a copy of a damaged catalog (and of its log) beside it, once for each state of the file. Returns where, or
 * undefined when none can be made. The original is never touched.
 */
export function keepCorruptCopy(file: string): string | undefined {
  try {
    const earlier = earlierCopy(file)
    if (earlier !== undefined) return earlier
    const copy = `${file}.corrupt-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
    fs.copyFileSync(file, copy, fs.constants.COPYFILE_EXCL)
    if (fs.existsSync(`${file}-wal`)) fs.copyFileSync(`${file}-wal`, `${copy}-wal`)
    return copy
  } catch {
    return undefined
  }
}

function earlierCopy(file: string): string | undefined {
  const {size, mtimeMs} = fs.statSync(file)
  const directory = path.dirname(file)
  return fs
    .readdirSync(directory)
    .filter((name) => name.startsWith(`${path.basename(file)}.corrupt-`) && !name.endsWith('-wal'))
    .map((name) => path.join(directory, name))
    .find((copy) => {
      const found = fs.statSync(copy)
      return found.size === size && found.mtimeMs >= mtimeMs
    })
}
