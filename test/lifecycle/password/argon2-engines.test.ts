/** One hash, whoever computes it: the portable engine, Node's own where it has one, and Rust's in `@node-rs/argon2`. */
import { argon2id as portable } from '@noble/hashes/argon2.js'
import * as rust from '@node-rs/argon2'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argon2id, deriveArgon2id } from '../../../src/lifecycle/password/argon2id.js'
import { type Argon2idEngine, passwordHasher } from '../../../src/lifecycle/password/password.js'
import { hasherOf } from '../../../src/lifecycle/password/password-hasher.js'
import { type NodeArgon2, nodeArgon2 } from '../../../src/runtime/node-crypto.js'
import { hex, utf8Bytes } from '../../../src/shared/bytes.js'

/** As the guide shows it. */
const engine: Argon2idEngine = ({ password, salt, m, t, p, lengthBytes }) =>
  rust.hashRaw(password, {
    algorithm: 2,
    version: 1,
    memoryCost: m,
    timeCost: t,
    parallelism: p,
    outputLen: lengthBytes,
    salt,
  })

const rusty = passwordHasher({ algorithm: 'argon2id', engine })
const ours = passwordHasher({ algorithm: 'argon2id' })

describe('RFC 9106', () => {
  test('section 5.3: the portable engine gives its tag', () => {
    const [password, salt] = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2)]
    const [key, personalization] = [new Uint8Array(8).fill(3), new Uint8Array(12).fill(4)]
    const tag = portable(password, salt, { m: 32, t: 3, p: 4, dkLen: 32, key, personalization })
    expect(hex(tag)).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
  })
})

test('all engines give the same bytes, for all costs, lengths and inputs', async () => {
  const inputs = fc
    .record({
      t: fc.integer({ min: 1, max: 3 }),
      p: fc.integer({ min: 1, max: 4 }),
      more: fc.nat(64),
    })
    .map(({ t, p, more }): readonly [number, number, number] => [8 * p + more, t, p])
  await fc.assert(
    fc.asyncProperty(
      inputs,
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ minLength: 8, maxLength: 64 }),
      fc.integer({ min: 16, max: 64 }),
      async (costs, password, salt, lengthBytes) => {
        const [m, t, p] = costs
        const expected = hex(await deriveArgon2id(null, costs, password, salt, lengthBytes))
        expect(hex(await deriveArgon2id(nodeArgon2(), costs, password, salt, lengthBytes))).toBe(
          expected,
        )
        expect(hex(await engine({ password, salt, m, t, p, lengthBytes }))).toBe(expected)
      },
    ),
    { numRuns: 150 },
  )
})

describe('a hasher with the engine of @node-rs/argon2', () => {
  test('and one without judge each other’s hashes', async () => {
    for (const [maker, judge] of [
      [rusty, ours],
      [ours, rusty],
    ] as const) {
      const phc = await maker.hash('s3cret: ä')
      expect(await judge.verify('s3cret: ä', phc)).toEqual({ kind: 'match', rehash: false })
      expect(await judge.verify('s3cret: a', phc)).toEqual({ kind: 'mismatch' })
    }
  })

  test('and the package itself judge each other’s hashes', async () => {
    const theirs = await rust.hash('s3cret: ä', { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    expect(await rusty.verify('s3cret: ä', theirs)).toEqual({ kind: 'match', rehash: false })
    expect(await ours.verify('s3cret: ö', theirs)).toEqual({ kind: 'mismatch' })
    const phc = await rusty.hash('s3cret: ä')
    expect(await rust.verify(phc, 's3cret: ä')).toBe(true)
    expect(await rust.verify(phc, 's3cret: ö')).toBe(false)
  })

  test('and a pepper gives what the others give', async () => {
    const pepper = { id: 'p1', secret: new Uint8Array(32).fill(9) }
    const phc = await passwordHasher({ algorithm: 'argon2id', engine, pepper }).hash('s3cret')
    const judge = passwordHasher({ algorithm: 'argon2id', pepper })
    expect(await judge.verify('s3cret', phc)).toEqual({ kind: 'match', rehash: false })
  })

  test('still judges what scrypt has made', async () => {
    const old = await passwordHasher({ algorithm: 'scrypt', ln: 14, p: 5 }).hash('s3cret')
    expect(await rusty.verify('s3cret', old)).toEqual({ kind: 'match', rehash: true })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no threads')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no threads')
      },
    ],
  ])('rejects if the engine %s', async (_, broken) => {
    const hasher = passwordHasher({ algorithm: 'argon2id', engine: broken })
    await expect(hasher.hash('s3cret')).rejects.toThrow('no threads')
    await expect(hasher.verify('s3cret', hasher.decoyHash())).rejects.toThrow('no threads')
  })

  test.each([
    ['too few bytes', async () => new Uint8Array(31)],
    ['too many', async () => new Uint8Array(33)],
    ['a text', async () => 'x'.repeat(32)],
    ['nothing', async () => undefined],
  ])('rejects if the engine answers with %s', async (_, answer) => {
    const untyped = answer as unknown as Argon2idEngine // the wrong answer is what is tested
    const hasher = passwordHasher({ algorithm: 'argon2id', engine: untyped })
    await expect(hasher.verify('s3cret', hasher.decoyHash())).rejects.toThrow('32 bytes')
  })

  test('refuses an engine that is no function', () => {
    const untyped = rust as unknown as Argon2idEngine // the whole package in place of a function
    expect(() => passwordHasher({ algorithm: 'argon2id', engine: untyped })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})

describe("Node's engine", () => {
  const password = utf8Bytes('password')
  const salt = utf8Bytes('somesalt')
  const derive = (node: NodeArgon2) => deriveArgon2id(node, [256, 2, 1], password, salt, 32)

  test('is given the costs by name', async () => {
    const asked: unknown[] = []
    const tag = new Uint8Array(32).fill(5)
    const hash = await derive({
      argon2: (...[algorithm, parameters, callback]) => {
        asked.push(algorithm, parameters)
        callback(null, tag)
      },
    })
    expect(hash).toEqual(tag)
    expect(asked).toEqual([
      'argon2id',
      { message: password, nonce: salt, memory: 256, passes: 2, parallelism: 1, tagLength: 32 },
    ])
  })

  test('that throws is not there in this build, and the portable one takes its place', async () => {
    const absent: NodeArgon2 = {
      argon2: () => {
        throw new Error('Argon2 algorithm not supported')
      },
    }
    const portably = await argon2id.derive([256, 2, 1], password, salt, 32)
    expect(await derive(absent)).toEqual(portably)
  })

  test('that fails is a rejection', async () => {
    const failing: NodeArgon2 = {
      argon2: (...[, , callback]) => callback(new Error('out of memory'), new Uint8Array()),
    }
    await expect(derive(failing)).rejects.toThrow('out of memory')
  })
})

test('hashes that another engine made with weak costs are to be replaced', async () => {
  const weak = await rust.hash('s3cret', { memoryCost: 64, timeCost: 1, parallelism: 1 })
  expect(await hasherOf(argon2id, [8, 1, 1]).verify('s3cret', weak)).toEqual({
    kind: 'match',
    rehash: true,
  })
})
