import {runInThisContext} from 'node:vm'

/** Small readers of the formats that no parser at hand covers, by the rules of each format. */

/** CommonMark: a backslash before ASCII punctuation, and numeric entities. */
export function readMarkdown(encoded: string): string {
  return encoded.replace(/\\([!-/:-@[-`{-~])|&#(\d+);/g, (_match, mark: string | undefined, code: string) =>
    mark ?? String.fromCharCode(Number(code)),
  )
}

/** A quoted word of a Dockerfile: backslash escapes, no variables left. */
export function readDockerfileValue(encoded: string): string {
  const body = /^"((?:[^"\\$\n]|\\["\\$])*)"$/.exec(encoded)?.[1]
  if (body === undefined) throw new Error(`${encoded} is not one quoted word`)
  return body.replace(/\\(["\\$])/g, '$1')
}

/** Running the literal is the only full reader of TypeScript strings at hand. */
export function readTypeScript(encoded: string): string {
  return runInThisContext(encoded) as string
}
