import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { respond } from '../../src/http/respond.js'
import { authenticated } from '../../src/scope/requirement.js'
import { createAdapterContract } from '../../src/testing/adapter-contract.js'
import { createDpopContract } from '../../src/testing/dpop-contract.js'
import { aView } from '../support/views.js'

const contracts = [await createAdapterContract(), await createDpopContract()]
const guards = contracts.map(({ application }) =>
  application.gate.guard({ scopes: authenticated() }),
)

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ maxLength: 9_000 }))
const credentials = fc.oneof(
  text,
  text.map((value) => `Bearer ${value}`),
  text.map((value) => `bearer eyJ${value}`),
  fc.tuple(text, text, text).map((parts) => `Bearer ${parts.join('.')}`),
  text.map((value) => `ApiKey acme_${value}`),
  fc.tuple(text, text).map((parts) => `DPoP eyJ${parts.join('.')}`),
  fc.base64String().map((value) => `DPoP ${value}`),
  text.map((value) => `Digest ${value}`),
  fc.tuple(text, text).map(([one, two]) => `Bearer ${one}, Bearer ${two}`),
)
const names = fc.constantFrom(
  'authorization',
  'x-api-key',
  'cookie',
  'dpop',
  'origin',
  'sec-fetch-site',
  'host',
  'x-forwarded-proto',
  'access-control-request-method',
)
const values = fc.oneof(
  credentials,
  text.map((value) => `__Host-token=${value}; keyless=${value}`),
  fc.constantFrom('null', 'https://evil.example', 'localhost', 'cross-site', '__proto__'),
)
const views = fc
  .record({
    method: fc.oneof(fc.constantFrom('GET', 'POST', 'OPTIONS', 'HEAD'), fc.string()),
    url: fc.oneof(
      text,
      text.map((value) => `/?access_token=${value}`),
      text.map((value) => `/?${value}`),
    ),
    encrypted: fc.boolean(),
    fields: fc.dictionary(names, values),
    form: fc.option(fc.dictionary(fc.constantFrom('access_token', '__proto__', 'a'), text), {
      nil: undefined,
    }),
  })
  .map(({ form, ...view }) => aView(form === undefined ? view : { ...view, form }))

describe('whatever a client sends', () => {
  test('the gate neither rejects nor lets it in, and the answer is well-formed HTTP', async () => {
    await fc.assert(
      fc.asyncProperty(views, fc.constantFrom(...guards), async (view, guard) => {
        const outcome = await guard.decide(view, undefined)
        expect(outcome.kind).not.toBe('granted')
        if (outcome.kind === 'granted') return
        const { status, fields, addedLines, body } = respond(outcome)
        expect([204, 400, 401, 403, 503]).toContain(status)
        const headers = new Headers()
        for (const [name, value] of [...fields, ...addedLines]) headers.append(name, value)
        if (status === 401) expect(headers.get('www-authenticate')).toContain('realm=')
        if (status !== 204) expect(JSON.parse(body)).toMatchObject({ status })
      }),
      { numRuns: 2_000 },
    )
  })
})
