import { defineScopes } from '../../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../../src/scope/definition.js'
import type { Grant } from '../../../src/scope/grant.js'
import type { GrantSource } from '../../../src/scope/grant-source.js'
import type { Scopes } from '../../../src/scope/vocabulary.js'
import type { Define } from './situation.js'

/** A vocabulary that is wrong on purpose, in a way that people have got it wrong, and the law that has to notice. */
export interface Sabotage {
  /** The name of the law, whole. */
  readonly breaks: string
  readonly how: string
  readonly define: Define
}

/** A right vocabulary with some members replaced. */
export function wrapped(
  change: (scopes: Scopes, definition: ScopesDefinition) => Partial<Scopes>,
): Define {
  return (definition) => {
    const scopes = defineScopes(definition)
    return { ...scopes, ...change(scopes, definition) }
  }
}

/** A right vocabulary whose grants cover something else. */
export function reading(
  covered: (
    grant: Grant,
    definition: ScopesDefinition,
    names: readonly string[],
  ) => Iterable<string>,
): Define {
  return wrapped((scopes, definition) => {
    const wrong = (grant: Grant): Grant => ({
      ...contentsOf(grant),
      covered: new Set(covered(grant, definition, scopes.names)),
    })
    return {
      grant: (text) => wrong(scopes.grant(text)),
      fromClaims: (claims) => wrong(scopes.fromClaims(claims)),
    }
  })
}

/** The members of a grant, which may be none of its own. */
export function contentsOf({ tokens, covered, unknown, malformed, problem }: Grant): Grant {
  return { tokens, covered, unknown, malformed, problem }
}

export function tokensOf(granted: GrantSource): readonly string[] {
  if (typeof granted === 'string') return granted.split(' ')
  return 'tokens' in granted ? granted.tokens : granted
}
