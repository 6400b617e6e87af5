/** The process under fire: serves the target of the attacks on one adapter, and tells the fuzzer what is good. */
import { Buffer } from 'node:buffer'
import process from 'node:process'
import { inspect } from 'node:util'
import { type AdapterName, serveOn } from '../attacks/support/serve.js'
import type { Signer } from '../attacks/support/signer.js'
import { createTarget, type Door, type JwtDoor } from '../attacks/support/target.js'
import { vectors } from '../jwt/tokens.js'
import type { ArmedDoor, Armoury, GoodCredential, ServedMessage } from './armoury.js'

const target = await createTarget()
const served = await serveOn(process.argv[2] as AdapterName, target.application) // the fuzzer's own argument
const { doors } = target
const PER_DOOR = 16

send({ kind: 'armoury', armoury: armoury() })

const failures: string[] = []
setInterval(() => {
  for (const event of target.events) {
    if (event.kind === 'failed' && failures.length < 20) failures.push(inspect(event))
  }
  target.events.length = 0
  send({ kind: 'health', health: { residentBytes: process.memoryUsage.rss(), failures } })
}, 200)
process.on('disconnect', () => process.exit(0))

function armoury(): Armoury {
  const { es, rs, hs, remote, cookie, opaque, session, key, basic } = doors
  const jwt = (kind: string, door: JwtDoor): ArmedDoor =>
    armed(kind, door, (who) =>
      door.signer.token({ payload: { ...door.signer.claims(), sub: who } }),
    )
  const esDoor = jwt('es', es)
  return {
    port: Number(new URL(served.origin).port),
    doors: [
      esDoor,
      { ...esDoor, path: '/vault/gold', good: esDoor.good.map((good) => ({ ...good, who: '' })) },
      jwt('rs', rs),
      jwt('hs', hs),
      jwt('remote', remote),
      jwt('cookie', cookie),
      armed('opaque', opaque, target.issueSession),
      armed('session', session, target.issueSession),
      once('key', key),
      once('basic', basic),
    ],
    hostile: target.jwtDoors.flatMap((door) =>
      hostileTokens(door.signer).map((token) => ({ path: door.path, fields: door.present(token) })),
    ),
  }
}

function armed(kind: string, door: Door, make: (who: string) => string): ArmedDoor {
  const good = Array.from({ length: PER_DOOR }, (_, index): GoodCredential => {
    const who = `fuzz-${kind}-${index}`
    const text = make(who)
    return { fields: door.present(text), text, who }
  })
  return { path: door.path, kind, good }
}

function once(kind: string, door: Door): ArmedDoor {
  const { credential, who } = door.control()
  const fields = door.present(credential)
  const text = kind === 'basic' ? Buffer.from(credential).toString('base64') : credential
  return { path: door.path, kind, good: [{ fields, text, who }] }
}

/** Rightly signed: bad JSON as header and as claims, and every claim of a type that it has not. */
function hostileTokens(signer: Signer): string[] {
  // None of the cases, not even a good one, is a set of claims or a header.
  const bytes = vectors<readonly { base64?: string }[]>('json-parsing/cases.json')
    .map(({ base64 = '' }) => Buffer.from(base64, 'base64'))
    .filter(({ length }) => length < 3_000)
  const odd = [null, {}, [], true, -1, 1e300, '', 'x'.repeat(1_500), ['x', 1]]
  const names = [
    'iss',
    'sub',
    'aud',
    'exp',
    'iat',
    'nbf',
    'jti',
    'client_id',
    'auth_time',
    'acr',
    'amr',
  ]
  return [
    ...bytes.map((payload) => signer.token({ payload })),
    ...bytes.map((header) => signer.token({ header })),
    ...names.flatMap((name) =>
      odd
        .filter((value) => !(name === 'amr' && Array.isArray(value) && value.length === 0))
        .map((value) => signer.token({ payload: { ...signer.claims(), [name]: value } })),
    ),
    ...['alg', 'typ', 'kid', 'crit', 'b64', 'zip'].flatMap((name) =>
      odd.map((value) => signer.token({ header: { ...signer.header, [name]: value } })),
    ),
  ]
}

function send(message: ServedMessage): void {
  process.send?.(message)
}
