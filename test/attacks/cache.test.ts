/** Tokens that a careless cache takes for one another, or keeps for longer than they are good. */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { segment } from '../jwt/tokens.js'
import { INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { SUBJECT } from './support/signer.js'
import { createTarget, type JwtDoor } from './support/target.js'

const target = await createTarget()
const { clock } = target

onEveryAdapter(target, (attack) => {
  const letIn = (door: JwtDoor, token: string, who = SUBJECT) =>
    attack.isLetIn(door, door.present(token), who)

  test('cache-key: tokens that agree in all but their end, or in all but one claim, each get their own claims', async () => {
    for (const door of target.jwtDoors) {
      const { signer } = door
      const common = { ...signer.claims(), padding: 'x'.repeat(600) }
      const tokens = Array.from({ length: 24 }, (_, index) => ({
        index,
        // The same header, the same first kilobyte, the same jti.
        token: signer.token({ payload: { ...common, index } }),
      }))
      for (const round of [1, 2]) {
        for (const { index, token } of tokens) {
          expect(await letIn(door, token), `round ${round}`).toMatchObject({ claims: { index } })
        }
      }
      const first = signer.token({ payload: { ...common, sub: 'first', jti: 'same' } })
      const second = signer.token({ payload: { ...common, sub: 'second', jti: 'same' } })
      for (const _round of [1, 2]) {
        await letIn(door, first, 'first')
        await letIn(door, second, 'second')
      }
    }
  })

  test('cache-key: a forged token with the signature, the claims or the start of one that was let in', async () => {
    for (const door of target.jwtDoors) {
      const good = door.signer.token()
      await letIn(door, good)
      const [header = '', payload = '', signature = ''] = good.split('.')
      const admin = segment({ ...door.signer.claims(), sub: 'admin' })
      const twins = [
        `${header}.${admin}.${signature}`, // the same last characters
        `${segment({ ...door.signer.header, x: 1 })}.${payload}.${signature}`, // all but the first segment
        `${header}.${payload}.${admin}`, // the same start
        `${header}.${payload}.${signature.split('').reverse().join('')}`,
        `${header}.${payload}.${'A'.repeat(signature.length)}`,
        `${header}.${payload}.${signature.toUpperCase()}`,
        `${good.slice(0, -43)}${'A'.repeat(43)}`,
        `${header}.${payload}${signature}.${signature}`,
        `${header}..${signature}`,
      ]
      for (const twin of twins) await attack.isRefused(door, door.present(twin), INVALID_TOKEN)
      await letIn(door, good)
    }
  })

  test('cache-key: a token that one door has let in is judged anew at every other', async () => {
    for (const door of target.jwtDoors) {
      const token = door.signer.token()
      await letIn(door, token)
      for (const other of target.jwtDoors) {
        if (other.signer === door.signer) continue
        await attack.isRefused(other, other.present(token), INVALID_TOKEN)
      }
      await letIn(door, token)
    }
  })

  test('cache-key: a token that was let in ends when it expires, to the second', async () => {
    const tokens = target.jwtDoors.map((door) => ({
      door,
      token: door.signer.token({ payload: { ...door.signer.claims(), exp: clock.now() + 60 } }),
    }))
    for (const { door, token } of tokens) await letIn(door, token)
    clock.advance(64)
    for (const { door, token } of tokens) await letIn(door, token)
    clock.advance(1)
    for (const { door, token } of tokens) {
      await attack.isRefused(door, door.present(token), {
        ...INVALID_TOKEN,
        reason: 'token_expired',
      })
    }
  })

  test('cache-key: a clock that is set back does not let a token in before its time', async () => {
    const tokens = target.jwtDoors.map((door) => ({
      door,
      token: door.signer.token({ payload: { ...door.signer.claims(), nbf: clock.now() } }),
    }))
    for (const { door, token } of tokens) await letIn(door, token)
    clock.advance(-6)
    for (const { door, token } of tokens) {
      await attack.isRefused(door, door.present(token), {
        ...INVALID_TOKEN,
        reason: /token_not_yet_valid|token_from_future/,
      })
    }
    clock.advance(6)
  })

  test('cache-key: a token that was let in ends when it is revoked, and so does its ECDSA twin', async () => {
    for (const door of [target.doors.es, target.doors.remote, target.doors.cookie]) {
      const token = door.signer.token()
      const twin = ecdsaTwin(token)
      const { id } = await letIn(door, token)
      expect(await letIn(door, twin)).toMatchObject({ id })
      target.revoked.add(String(id))
      for (const text of [token, twin]) {
        await attack.isRefused(door, door.present(text), { ...INVALID_TOKEN, reason: 'revoked' })
      }
    }
  })
})

/** The other signature that every ECDSA signature has: s becomes n - s. */
function ecdsaTwin(token: string): string {
  const at = token.lastIndexOf('.') + 1
  const raw = Buffer.from(token.slice(at), 'base64url')
  const s = BigInt(`0x${raw.subarray(32).toString('hex')}`)
  const other = (ORDER - s).toString(16).padStart(64, '0')
  const twin = Buffer.concat([raw.subarray(0, 32), Buffer.from(other, 'hex')])
  return token.slice(0, at) + twin.toString('base64url')
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
