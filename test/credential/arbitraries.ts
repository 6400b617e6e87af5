import fc from 'fast-check'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
export const TOKEN68 = `${ALPHANUMERIC}-._~+/`
const TOKEN = `${ALPHANUMERIC}!#$%&'*+-.^_\`|~`
export const BASE62 = ALPHANUMERIC

/** A text of these characters, at least one long. */
export function textOf(characters: string, maxLength = 40): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength })
}

/** RFC 9110 section 11.2: characters, then any number of `=`. */
export const token68: fc.Arbitrary<string> = fc
  .tuple(textOf(TOKEN68), fc.nat({ max: 3 }))
  .map(([text, padding]) => text + '='.repeat(padding))

export const token: fc.Arbitrary<string> = textOf(TOKEN, 12)

/** The same text with the case of its letters shuffled. */
export function inAnyCase(text: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) =>
      [...text]
        .map((letter, index) => (upper[index] ? letter.toUpperCase() : letter.toLowerCase()))
        .join(''),
    )
}

export const ourScheme: fc.Arbitrary<string> = fc.constantFrom('bearer', 'basic', 'apikey')

export const spaces: fc.Arbitrary<string> = fc
  .integer({ min: 1, max: 5 })
  .map((count) => ' '.repeat(count))

/** Optional whitespace around a value. */
export const whitespace: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(' ', '\t'),
  maxLength: 3,
})

const quoted = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'abz09 ,=\t', '\\"', '\\\\', '\\a'),
      fc.constantFrom('Bearer abc', ', Basic '),
    ),
    { maxLength: 8 },
  )
  .map((parts) => `"${parts.join('')}"`)

/** `name=value` parameters with distinct names, with all the whitespace and empty elements that are legal. */
export const parameters: fc.Arbitrary<string> = fc
  .uniqueArray(token, { minLength: 1, maxLength: 4, selector: (name) => name.toLowerCase() })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .tuple(whitespace, whitespace, fc.oneof(token, quoted))
          .map(([before, after, value]) => `${name}${before}=${after}${value}`),
      ),
    ),
  )
  .chain((members) =>
    fc
      .array(fc.constantFrom(',', ', ', ' ,\t', ',,', ', ,'), {
        minLength: members.length,
        maxLength: members.length,
      })
      .map((commas) => members.map((one, index) => (index ? commas[index] : '') + one).join('')),
  )
  // `a=` or `a==` alone would be a token68.
  .filter((text) => !text.endsWith('='))

/** Any well-formed credentials, by their grammar alone. */
export const credentials: fc.Arbitrary<string> = fc
  .tuple(fc.oneof(ourScheme, token), spaces, fc.oneof(token68, parameters, fc.constant('')))
  .map(([scheme, space, rest]) => (rest === '' ? scheme : scheme + space + rest))

export const cookieName: fc.Arbitrary<string> = textOf(TOKEN, 8)
export const cookieValue: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...ALPHANUMERIC, ...'!#$%&()*+-./:<=>?@[]^_`{|}~', "'"),
  maxLength: 20,
})
