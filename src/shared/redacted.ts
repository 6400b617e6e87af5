/**
 * A secret on its way through the library: it prints as a placeholder wherever values get printed.
 *
 * Template strings, `JSON.stringify`, `console.log` and Node's `util.inspect` all show `[redacted]`. It does not
 * protect against code that calls {@link Redacted.reveal} and prints the result.
 */
export class Redacted<Value = string> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  /** The secret itself. Call it where the secret is judged, not earlier. */
  reveal(): Value {
    return this.#value
  }

  toString(): string {
    return PLACEHOLDER
  }

  toJSON(): string {
    return PLACEHOLDER
  }

  get [Symbol.toStringTag](): string {
    return PLACEHOLDER
  }

  // Node's `util.inspect` asks for it. Not a member with a computed name: declarations could not name it.
  static {
    const inspect = Symbol.for('nodejs.util.inspect.custom')
    Object.defineProperty(Redacted.prototype, inspect, { value: () => PLACEHOLDER })
  }
}

const PLACEHOLDER = '[redacted]'
