import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { remoteJwkSet } from '../../src/remote/remote-jwk-set.js'
import { CLAIMS, HEADER, macToken, macVerifier, NOW } from '../jwt/tokens.js'
import { AMBIGUOUS, asMember, type JsonDocument, type Tally, tally } from './json-corpus.js'

const verifier = macVerifier()

async function isVerified(token: string): Promise<boolean> {
  const { kind } = await verifier.verify(token, NOW)
  expect(['verified', 'refused']).toContain(kind)
  return kind === 'verified'
}

/** An issuer that publishes these bytes as its keys. */
async function isKeySet(bytes: Uint8Array): Promise<boolean> {
  const source = remoteJwkSet({
    url: 'https://id.example.com/jwks',
    fetch: async () =>
      new Response(Buffer.from(bytes), { headers: { 'content-type': 'application/json' } }),
  })
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

/** None of the 188 bad ones is taken, all of the 95 good ones are but the two whose names stand twice. */
const RIGHT: Tally = {
  badTaken: [],
  goodRefused: [...AMBIGUOUS],
  bad: 188,
  good: 95,
  either: 35,
}

describe('the JSON test suite, under a right signature', () => {
  it.each<[string, (document: JsonDocument) => Promise<boolean>]>([
    ['in the header', ({ bytes }) => isVerified(macToken({ header: asMember(HEADER, bytes) }))],
    ['in the claims', ({ bytes }) => isVerified(macToken({ payload: asMember(CLAIMS, bytes) }))],
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
  ])('has nothing taken for a whole %s', async (_, isTaken) => {
    const { badTaken, goodRefused, good } = await tally(isTaken)
    expect(badTaken).toEqual([])
    expect(goodRefused).toHaveLength(good)
  })
})
