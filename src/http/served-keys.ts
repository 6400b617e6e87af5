import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { SigningKeys } from '../lifecycle/signing-keys/signing-keys.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import { checkedOptions, TEXT } from '../shared/options.js'
import { type HttpAnswer, respondWithKeys } from './respond.js'
import { pathOf } from './target-path.js'

export interface ServeKeysOptions {
  /** Where the keys are: what follows the host in your `jwks_uri`. `/.well-known/jwks.json` by default. */
  readonly path?: string
}

/** What is served: `createSigningKeys` makes it. */
export type KeysToServe = Pick<SigningKeys, 'jwks'>

/** The keys at their place, for adapters to serve. */
export interface ServedKeys {
  readonly path: string
  /** Whether a request target is for the keys: its path, whatever the query. */
  isAt(target: string): boolean
  /** The answer to a request for them, whatever the method. Never throws or rejects. */
  answer(method: string, ifNoneMatch: string | null): Eventual<HttpAnswer>
}

/** @throws ConfigurationError `option_invalid` if the path is none */
export function servedKeys(signingKeys: KeysToServe, options: ServeKeysOptions): ServedKeys {
  const { path = DEFAULT_PATH } = checkedOptions('serveKeys', OPTIONS, options)
  if (!path.startsWith('/') || new URL(path, 'https://host.invalid').pathname !== path) {
    throw new ConfigurationError(
      'option_invalid',
      "serveKeys: option 'path' must be the path of a URL, such as '/jwks.json'.",
    )
  }
  return {
    path,
    isAt: (target) => pathOf(target) === path,
    answer: (method, ifNoneMatch) =>
      whenReady(signingKeys.jwks(), (keys) => respondWithKeys(method, ifNoneMatch, keys)),
  }
}

const DEFAULT_PATH = '/.well-known/jwks.json'

const OPTIONS = /* @__PURE__ */ z.strictObject({ path: z.optional(TEXT) })
