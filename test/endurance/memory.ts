import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { formatApiKey } from '../../src/credential/api-key.js'
import type { Signer } from '../attacks/support/signer.js'
import type { Door, Fields, Target } from '../attacks/support/target.js'
import { segment } from '../jwt/tokens.js'
import { decideOf } from './decide.js'

/**
 * How many bytes the heap grows by while this many requests come, each with names that nobody has used before: key ids,
 * token ids, sessions, API keys, users. All but one kind of them are refused.
 */
export async function growthUnder(target: Target, requests: number): Promise<number> {
  const decide = decideOf(target)
  const collect = garbageCollector()
  const makers = makersOf(target)
  const round = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const make = makers[index % makers.length]
      if (make === undefined) throw new Error('no maker')
      const { door, fields, expected } = make(index)
      const { kind } = await decide(door, fields)
      if (kind !== expected) throw new Error(`${door.path} answered ${kind} instead of ${expected}`)
      if (index % 1_000 === 0) target.events.length = 0
    }
    target.events.length = 0
  }
  // What is bounded may fill up first.
  await round(Math.min(requests, 40_000))
  collect()
  const before = process.memoryUsage().heapUsed
  await round(requests)
  collect()
  return process.memoryUsage().heapUsed - before
}

interface Made {
  readonly door: Door
  readonly fields: Fields
  readonly expected: 'invalid_token' | 'granted'
}

function makersOf({ doors, clock }: Target): readonly ((index: number) => Made)[] {
  const { es, rs, hs, remote, cookie, opaque, session, key, basic } = doors
  const fresh = (): string => randomBytes(16).toString('hex')
  const refused = (door: Door, credential: string): Made => ({
    door,
    fields: door.present(credential),
    expected: 'invalid_token',
  })
  /** Not signed at all, so that making it costs little. */
  const forged = ({ header, claims }: Signer): string =>
    `${segment({ ...header, kid: fresh() })}.${segment({ ...claims(), jti: fresh(), sid: fresh() })}.${'A'.repeat(86)}`
  const signed = ({ header, claims, signature }: Signer, more: object): string => {
    const input = `${segment(header)}.${segment({ ...claims(), sid: fresh(), ...more })}`
    return `${input}.${signature(input)}`
  }
  return [
    () => refused(es, forged(es.signer)),
    () => refused(rs, forged(rs.signer)),
    () => refused(remote, forged(remote.signer)),
    () => refused(cookie, forged(cookie.signer)),
    () => refused(hs, signed(hs.signer, { aud: `https://${fresh()}.example` })),
    () => refused(hs, signed(hs.signer, { iat: clock.now() - 900, exp: clock.now() - 300 })),
    () => ({
      door: hs,
      fields: hs.present(signed(hs.signer, { sub: fresh() })),
      expected: 'granted',
    }),
    () => refused(opaque, fresh()),
    () => refused(session, fresh()),
    () =>
      refused(
        key,
        formatApiKey({
          prefix: 'acme',
          id: fresh().slice(0, 16),
          secret: (fresh() + fresh()).slice(0, 43),
        }),
      ),
    () => ({
      door: basic,
      // Not through `present`, which keeps what it presents among the secrets.
      fields: [['Authorization', `Basic ${Buffer.from(`${fresh()}:x`).toString('base64')}`]],
      expected: 'invalid_token',
    }),
  ]
}

/** The engine's own, without a flag on the command line. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('this runtime lends no garbage collector')
  return () => {
    for (let times = 0; times < 3; times++) collect()
  }
}
