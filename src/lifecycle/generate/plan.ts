import {createHash} from 'node:crypto'

import {type Answers} from '../../domain/generate/answers.js'
import {type Pack, renderPack, type RenderedFile} from '../../templates/skeleton.js'
import {gitTreeId} from './git-tree.js'

export const manifestPath = '.yard/template.json'

export interface GenerationPlan {
  answers: Answers
  files: RenderedFile[]
  /** What git will call the committed tree. */
  tree: string
}

/** Everything that will be written, worked out before anything is. @throws TemplateError */
export function planGeneration(pack: Pack, answers: Answers): GenerationPlan {
  const rendered = renderPack(pack, answers)
  const files = [...rendered, manifest(pack, answers, rendered)].sort((left, right) =>
    left.path < right.path ? -1 : 1,
  )
  return {answers, files, tree: gitTreeId(files)}
}

/** What a later upgrade needs to know: made from which pack, with which answers, and what each file was like. */
function manifest(pack: Pack, answers: Answers, files: readonly RenderedFile[]): RenderedFile {
  const {name, version, digest} = pack
  const hashes = Object.fromEntries(files.map((file) => [file.path, sha256(file.text)]))
  const content = {v: 1, pack: name, version, digest, answers, files: hashes}
  return {path: manifestPath, executable: false, text: `${JSON.stringify(content, undefined, 2)}\n`}
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
