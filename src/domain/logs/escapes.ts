/**
 * What a terminal would act on instead of showing: C0 and C1 controls, line and paragraph separators, the marks that
 * turn the direction of text around, invisible characters, tags, and halves of a surrogate pair.
 */
const harmful =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** Shows such characters by their codes (`\x1b`, `\u202e`), so that untrusted text can do nothing to a terminal. */
export function neutralise(text: string): string {
  return text.replace(harmful, visibleCode)
}

function visibleCode(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x0a) return '\\n'
  if (code === 0x0d) return '\\r'
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}
