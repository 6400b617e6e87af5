import { Buffer } from 'node:buffer'
import type { JwtScheme } from './jwt-scheme.js'
import type { RefusalName } from './names.js'

/** Values of the `Authorization` field that must be refused in this way. */
export async function spoiltValues(
  name: Exclude<RefusalName, 'missing'>,
  scheme: JwtScheme,
): Promise<readonly Buffer[]> {
  switch (name) {
    case 'junk':
      return scheme.spoilt({ text: (token) => token.slice(0, 40) })
    case 'alg-none':
      return scheme.spoilt({
        text: (token) => `${encoded({ alg: 'none', typ: 'at+jwt' })}.${token.split('.')[1]}.`,
      })
    case 'expired': {
      const now = Math.floor(Date.now() / 1000)
      return scheme.spoilt({ claims: { iat: now - 960, exp: now - 60 } })
    }
    case 'bad-signature': {
      // Another token's signature is well-formed: only the whole verification can refuse it.
      const [other = ''] = scheme.values.map((value) => value.toString('latin1'))
      const signature = other.slice(other.lastIndexOf('.'))
      return scheme.spoilt({ text: (token) => token.slice(0, token.lastIndexOf('.')) + signature })
    }
  }
}

function encoded(header: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(header)).toString('base64url')
}
