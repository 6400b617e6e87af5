import { declareScopes, freshClaims, NAME, type Outcome } from './claims.js'
import { asked } from './holding.js'
import { accessControlGrants, byResource, caslRules, ROLE } from './holding-peers.js'
import { loadScopePeer } from './packages.js'
import type { Work } from './work.js'

/** A request from the start: the claim is a new string, what is held is read from it, and one question is asked. */
export type Reading = (size: number, outcome: Outcome) => Work | Promise<Work>

/** Ours, the least that does it, and the peers that can be built for each request. */
export const READING = {
  sallyport: (size, outcome) => readingOurs('plain', size, outcome),
  'sallyport, wildcards and implications': (size, outcome) => readingOurs('rich', size, outcome),
  'sallyport, two questions': (size, outcome) => readingAndAsking(size, outcome, 2),
  'sallyport, ten questions': (size, outcome) => readingAndAsking(size, outcome, 10),
  "new Set(split(' '))": (size, outcome) =>
    asked(outcome, (times) => {
      const claims = freshClaims(size, outcome, times)
      return () => {
        let yes = 0
        for (const claim of claims) if (new Set(claim.split(' ')).has(NAME)) yes++
        return yes
      }
    }),
  "split(' ').includes": (size, outcome) =>
    asked(outcome, (times) => {
      const claims = freshClaims(size, outcome, times)
      return () => {
        let yes = 0
        for (const claim of claims) if (claim.split(' ').includes(NAME)) yes++
        return yes
      }
    }),
  '@casl/ability': async (size, outcome) => {
    const { createMongoAbility } = await loadScopePeer('casl')
    return asked(outcome, (times) => {
      const claims = freshClaims(size, outcome, times)
      return () => {
        let yes = 0
        for (const claim of claims) {
          if (createMongoAbility(caslRules(claim.split(' '))).can('write', 'users')) yes++
        }
        return yes
      }
    })
  },
  'better-auth access': async (size, outcome) => {
    const { role } = await loadScopePeer('betterAuth')
    const request = { users: ['write'] }
    return asked(outcome, (times) => {
      const claims = freshClaims(size, outcome, times)
      return () => {
        let yes = 0
        for (const claim of claims) {
          if (role(byResource(claim.split(' '))).authorize(request).success) yes++
        }
        return yes
      }
    })
  },
  accesscontrol: async (size, outcome) => {
    const { AccessControl } = await loadScopePeer('accesscontrol')
    return asked(outcome, (times) => {
      const claims = freshClaims(size, outcome, times)
      return () => {
        let yes = 0
        for (const claim of claims) {
          const control = new AccessControl(accessControlGrants(claim.split(' ')))
          if (control.can(ROLE).do('write', 'users').granted) yes++
        }
        return yes
      }
    })
  },
} as const satisfies Readonly<Record<string, Reading>>

function readingOurs(kind: 'plain' | 'rich', size: number, outcome: Outcome): Work {
  const scopes = declareScopes(kind)
  return asked(outcome, (times) => {
    const claims = freshClaims(size, outcome, times)
    return () => {
      let yes = 0
      for (const claim of claims) if (scopes.can(scopes.grant(claim), NAME)) yes++
      return yes
    }
  })
}

/** What answers one question may have left the work for the next. */
function readingAndAsking(size: number, outcome: Outcome, questions: number): Work {
  const scopes = declareScopes('plain')
  return asked(outcome, (times) => {
    const claims = freshClaims(size, outcome, times)
    return () => {
      let yes = 0
      for (const claim of claims) {
        const grant = scopes.grant(claim)
        let isOther = false
        for (let asking = 1; asking < questions; asking++) {
          isOther = scopes.can(grant, 'users:list')
        }
        if (scopes.can(grant, NAME) && !isOther) yes++
      }
      return yes
    }
  })
}
