// re2js 2.10.0: RE2 in JavaScript, so a pattern can't make a match take for ever. Against the regex crate that Hurl
// uses, \d, \w and \s mean ASCII here, and (?x) is missing.
import {RE2JS, RE2JSException} from 're2js'

import {
  PatternFault,
  type RegularExpression,
  type RegularExpressions,
} from '../../contracts/regular-expressions.js'

export class Re2RegularExpressions implements RegularExpressions {
  compile(pattern: string): RegularExpression {
    try {
      return new Re2Expression(RE2JS.compile(pattern))
    } catch (error) {
      if (error instanceof RE2JSException) throw new PatternFault(error.message)
      throw error
    }
  }
}

class Re2Expression implements RegularExpression {
  constructor(private readonly compiled: RE2JS) {}

  find(text: string): (string | undefined)[] | undefined {
    const matcher = this.compiled.matcher(text)
    if (!matcher.find()) return undefined
    return Array.from({length: matcher.groupCount() + 1}, (_, group) => matcher.group(group) ?? undefined)
  }

  replaceAll(text: string, replacement: string): string {
    const matcher = this.compiled.matcher(text)
    const names = this.compiled.namedGroups()
    let result = ''
    let end = 0
    while (matcher.find()) {
      result += text.slice(end, matcher.start())
      result += expanded(replacement, (name) => {
        const group = /^\d+$/.test(name) ? Number(name) : names[name]
        return group === undefined || group > matcher.groupCount() ? '' : (matcher.group(group) ?? '')
      })
      end = matcher.end()
    }
    return result + text.slice(end)
  }
}

/** `$1`, `$name` and `${name}` as in Rust: the longest name wins, so `$1a` is the group `1a`. */
function expanded(replacement: string, groupNamed: (name: string) => string): string {
  return replacement.replace(
    /\$(?:\$|(\w+)|\{([^}]*)\})/g,
    (whole: string, plain?: string, braced?: string) => {
      const name = plain ?? braced
      if (name !== undefined) return groupNamed(name)
      return whole === '$$' ? '$' : whole
    },
  )
}
