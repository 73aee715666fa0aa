/** An I-Regexp for an engine whose dot leaves out the line feed only. */
export function translatedPattern(pattern: string, extent: 'whole' | 'part'): string {
  let isInClass = false
  let translated = ''
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index)
    if (character === '\\') {
      translated += character + pattern.charAt(index + 1)
      index += 1
    } else {
      if (character === '[') isInClass = true
      if (character === ']') isInClass = false
      translated += character === '.' && !isInClass ? '[^\\r\\n]' : character
    }
  }
  return extent === 'whole' ? `^(?:${translated})$` : translated
}
