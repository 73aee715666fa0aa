import {Document, visit} from 'yaml'

/** Words that older versions of YAML read as something other than text. */
const otherMeaning = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i
/** Needs no quotes anywhere: begins with a letter, and holds nothing that means something. */
const isPlain = /^[A-Za-z](?:[A-Za-z0-9 ./_:-]*[A-Za-z0-9./_-])?$/

/** Each value as a document of its own. Text is quoted wherever any version of YAML could take it for something else. */
export function printDocuments(values: readonly unknown[]): string {
  return values.map((value) => `---\n${printOne(value)}`).join('')
}

function printOne(value: unknown): string {
  const document = new Document(value, {aliasDuplicateObjects: false})
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string') scalar.type = styleOf(scalar.value)
    },
  })
  return document.toString({lineWidth: 0})
}

function styleOf(text: string): 'PLAIN' | 'QUOTE_DOUBLE' {
  const isSafe = isPlain.test(text) && !otherMeaning.test(text) && !text.includes(': ')
  return isSafe ? 'PLAIN' : 'QUOTE_DOUBLE'
}
