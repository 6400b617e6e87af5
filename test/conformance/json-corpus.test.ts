import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { KeySource } from '../../src/jwt/jwk-set.js'
import { discoveredKeys } from '../../src/remote/discovered-keys.js'
import { remoteJwkSet } from '../../src/remote/remote-jwk-set.js'
import { CLAIMS, HEADER, ISSUER, macToken, macVerifier, NOW } from '../jwt/tokens.js'
import { AMBIGUOUS, asMember, type JsonDocument, type Tally, tally } from './json-corpus.js'

const verifier = macVerifier()

async function isVerified(token: string): Promise<boolean> {
  const { kind } = await verifier.verify(token, NOW)
  expect(['verified', 'refused']).toContain(kind)
  return kind === 'verified'
}

/** An issuer that publishes these bytes as its keys. */
async function isKeySet(bytes: Uint8Array): Promise<boolean> {
  return isHad(remoteJwkSet({ url: `${ISSUER}/jwks`, fetch: async () => answer(bytes) }))
}

/** An issuer that publishes its keys as it should, and these bytes as its metadata. */
async function isMetadata(bytes: Uint8Array): Promise<boolean> {
  const keys = Buffer.from(JSON.stringify({ keys: [KEY] }))
  const fetch = async (url: unknown) => answer(String(url).endsWith('/jwks') ? keys : bytes)
  return isHad(discoveredKeys({ issuer: ISSUER, fetch }))
}

function answer(bytes: Uint8Array): Response {
  return new Response(Buffer.from(bytes), { headers: { 'content-type': 'application/json' } })
}

async function isHad(source: KeySource): Promise<boolean> {
  const { kind } = await source.current(NOW)
  expect(['set', 'unavailable']).toContain(kind)
  return kind === 'set'
}

const KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  kid: 'a',
}

const METADATA = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }

/** None of the 188 bad ones is taken, all of the 95 good ones are but the two whose names stand twice. */
const RIGHT: Tally = {
  badTaken: [],
  goodRefused: [...AMBIGUOUS],
  bad: 188,
  good: 95,
  either: 35,
}

// As answers of an introspection endpoint: test/remote/remote-introspection.test.ts.
describe('the JSON test suite, under a right signature or from the right server', () => {
  it.each<[string, (document: JsonDocument) => Promise<boolean>]>([
    ['in the header', ({ bytes }) => isVerified(macToken({ header: asMember(HEADER, bytes) }))],
    ['in the claims', ({ bytes }) => isVerified(macToken({ payload: asMember(CLAIMS, bytes) }))],
    ['in metadata', ({ bytes }) => isMetadata(asMember(METADATA, bytes))],
    ['in a key set', ({ bytes }) => isKeySet(asMember({ keys: [KEY] }, bytes))],
    [
      'in a key',
      ({ bytes }) =>
        isKeySet(
          Buffer.concat([Buffer.from('{"keys":['), asMember(KEY, bytes), Buffer.from(']}')]),
        ),
    ],
  ])('has its good documents taken and its bad ones refused: %s', async (_, isTaken) => {
    expect(await tally(isTaken)).toEqual(RIGHT)
  })

  it.each<[string, (document: JsonDocument) => Promise<boolean>]>([
    ['header', ({ bytes }) => isVerified(macToken({ header: bytes }))],
    ['claims', ({ bytes }) => isVerified(macToken({ payload: bytes }))],
    ['key set', ({ bytes }) => isKeySet(bytes)],
    ['document of metadata', ({ bytes }) => isMetadata(bytes)],
  ])('has nothing taken for a whole %s', async (_, isTaken) => {
    const { badTaken, goodRefused, good } = await tally(isTaken)
    expect(badTaken).toEqual([])
    expect(goodRefused).toHaveLength(good)
  })
})
