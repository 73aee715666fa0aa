const shown = '[secret]'

/** A value that must not be seen: it shows as `[secret]` wherever it is printed, logged or turned into JSON. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself, for the place that hands it to a process. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  /** What `console.log` and error messages of Node show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown
  }
}
