// Loaded before a program with --require: people's clock, and only that one, is wrong by the milliseconds in a file.
const {readFileSync} = require('node:fs')

const file = process.env.YARD_TEST_CLOCK
const RightDate = Date

function shift() {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

globalThis.Date = class extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(RightDate.now() + shift())
    else super(...args)
  }

  static now() {
    return RightDate.now() + shift()
  }
}
