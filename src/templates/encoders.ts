/**
 * How an answer is written in each format, so that a parser of the format reads back exactly what was answered.
 * Templates name them as helpers: `{{yaml description}}`.
 */
export const encoders = {json, yaml, ts, md, dockerfile} satisfies Record<string, (value: string) => string>

export type Format = keyof typeof encoders

/** Printable, yet not safe to stand raw in every parser: C1 controls, line separators, byte order marks. */
const unsafe = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** A JSON string with its quotes. */
function json(value: string): string {
  return JSON.stringify(value).replace(unsafe, codePoint)
}

/** A plain scalar for simple words, else a double-quoted one, for which JSON's escapes are valid. */
function yaml(value: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9]*(?:[ -][A-Za-z0-9]+)*$/.test(value)
  return isPlain && !/^(?:true|false|yes|no|on|off|null|none|y|n)$/i.test(value) ? value : json(value)
}

/** A single-quoted string literal; a closing script tag in it stays harmless. */
function ts(value: string): string {
  const body = json(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${body.replaceAll('</', '<\\/')}'`
}

/** Text of a Markdown paragraph: no mark-up, no HTML, and a line break as an entity, so that it starts no block. */
function md(value: string): string {
  return value
    .replace(/[\\`*_[\]<>&~|#$]/g, '\\$&')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2')
    .replace(/^[-+=:]/, '\\$&')
    .replaceAll('\n', '&#10;')
    .replace(unsafe, (character) => `&#${character.charCodeAt(0)};`)
}

/** The value of a LABEL. A Dockerfile can't hold a line break there: it becomes a space. */
function dockerfile(value: string): string {
  return `"${value.replaceAll('\n', ' ').replace(/["\\$]/g, '\\$&')}"`
}

function codePoint(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
