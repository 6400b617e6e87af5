import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requirementsOver, vocabulariesWithTokens } from '../support/scope-arbitraries.js'

const cases = vocabulariesWithTokens()
  .filter(({ scopes }) => scopes.names.length > 0)
  .chain(({ scopes, tokens }) =>
    fc.record({
      scopes: fc.constant(scopes),
      tokens: fc.constant(tokens),
      requirements: fc.array(requirementsOver(scopes), { maxLength: 4 }),
    }),
  )

test('whoever is given the least scope has nothing in excess, and can use every route', () => {
  fc.assert(
    fc.property(cases, ({ scopes, tokens, requirements }) => {
      const routes = requirements.map((requirement, at) => ({ name: `GET /${at}`, requirement }))
      const { leastScope, excess, unusable } = scopes.audit(tokens, routes)
      expect(scopes.audit(leastScope, routes)).toEqual({
        excess: [],
        wildcards: [],
        superuser: false,
        leastScope,
        unusable: [],
      })
      // Without what is in excess, every route that could be used still can.
      const rest = scopes.toAtoms(tokens).filter((name) => !excess.includes(name))
      expect(scopes.audit(rest, routes).unusable).toEqual(unusable)
    }),
    { numRuns: 200 },
  )
})

test('a scope that no route names stops being unused as soon as one does', () => {
  fc.assert(
    fc.property(cases, ({ scopes, requirements }) => {
      const routes = requirements.map((requirement, at) => ({ name: `GET /${at}`, requirement }))
      const unused = scopes.unusedScopes(routes)
      for (const requirement of unused) {
        expect(scopes.unusedScopes([...routes, { name: 'GET /', requirement }])).toEqual(
          unused.filter((name) => name !== requirement),
        )
      }
    }),
    { numRuns: 100 },
  )
})
