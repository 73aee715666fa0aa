// A release of 4 MB in 300 files, and the same with three of them changed.
import {createHash} from 'node:crypto'
import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

const fileCount = 300
const fileBytes = 13_600
const changedFiles = [10, 100, 200]

/** One for each case, in the order in which they are brought: `first`, `changed`, `unchanged`. */
export async function makeReleases(library, work) {
  const releases = []
  for (const [index, name] of ['first', 'changed', 'unchanged'].entries()) {
    const directory = path.join(work, 'releases', name)
    for (let file = 0; file < fileCount; file += 1) {
      const place = path.join(directory, `lib/part-${file % 30}/file-${file}.js`)
      mkdirSync(path.dirname(place), {recursive: true})
      const isChanged = index > 0 && changedFiles.includes(file)
      writeFileSync(place, textOf(isChanged ? file + 1_000 : file))
    }
    const archive = path.join(work, 'releases', `${name}.tgz`)
    execFileSync('tar', ['-czf', archive, '-C', directory, '.'])
    const files = await library.listFiles(directory)
    releases.push({name, directory, archive, number: index + 1, manifest: manifestOf(index + 1, files)})
  }
  return releases
}

/** About as hard to compress as code is. */
function textOf(seed) {
  let text = ''
  for (let line = 0; text.length < fileBytes; line += 1) {
    text += `  const value${line} = take('${sha256(`${seed}-${line}`).slice(0, 24)}') // what comes of it is kept\n`
  }
  return text
}

function manifestOf(release, files) {
  return {
    v: 1,
    service: 'billing',
    release,
    environment: 'staging',
    commit: 'c'.repeat(40),
    artifact: sha256(`artifact ${release}`),
    configDigest: sha256(`config ${release}`),
    by: 'ada@laptop',
    createdAt: '2026-11-21T12:00:00.000Z',
    files,
  }
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}
