const mark = '***'

/** What looks like a secret in the output of programs; the first group stays, the rest is hidden. */
const patterns: readonly RegExp[] = [
  // password=…, "api_key": "…", Authorization: Bearer …
  /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|authorization)["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"',;]+/gi,
  /(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  // https://user:password@host
  /(\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
  // Tokens that say themselves what they are.
  /()\b(?:AKIA[A-Z0-9]{12,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk_(?:live|test)_[A-Za-z0-9]{8,}|AGE-SECRET-KEY-1[A-Z0-9]+|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)/g,
]

/**
 * Hides what looks like a secret in a line that a program wrote, before the line leaves the team's machines. A guess: what
 * is known to be a secret is hidden by its value.
 */
export function withoutLikelySecrets(line: string): string {
  return patterns.reduce((text, pattern) => text.replace(pattern, `$1${mark}`), line)
}
