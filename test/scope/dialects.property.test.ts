import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { asDefinition, skeletons } from '../support/scope-arbitraries.js'
import { allNames, isAmbiguous, spellings } from '../support/scope-interpreter.js'

test('a vocabulary is refused exactly if some text would mean two things', () => {
  let refused = 0
  fc.assert(
    fc.property(skeletons(), (plain) => {
      const define = () => defineScopes(asDefinition(plain))
      if (!isAmbiguous(plain)) {
        expect(define().names).toEqual(allNames(plain))
        return
      }
      refused += 1
      expect(define).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
      expect(define).toThrow('accepts:')
    }),
    { numRuns: 1_000 },
  )
  expect(refused).toBeGreaterThan(10)
})

test('every spelling of a name means that name, and is listed as it was granted', () => {
  fc.assert(
    fc.property(
      skeletons().filter((plain) => !isAmbiguous(plain)),
      (plain) => {
        const scopes = defineScopes(asDefinition(plain))
        for (const name of scopes.names.filter((one) => one !== plain.superuser)) {
          for (const { text } of spellings(plain, name)) {
            const grant = scopes.grant(text)
            expect(grant.tokens).toEqual([text])
            expect([...grant.covered]).toEqual([name])
            // Asked for, only the vocabulary's own spelling is a name.
            expect(scopes.can(grant, text)).toBe(text === name)
          }
        }
      },
    ),
    { numRuns: 500 },
  )
})
