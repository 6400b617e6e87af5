import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BreachedPasswords,
  createPasswordPolicy,
  type PasswordPolicyOptions,
} from '../../../src/lifecycle/password/password-policy.js'

const LEAKED = 'correct horse battery staple'
const breached: BreachedPasswords = { isBreached: (password) => password === LEAKED }

const problemsOf = async (
  password: string,
  words: readonly string[] = [],
  options: PasswordPolicyOptions = {},
) => {
  const judgement = await createPasswordPolicy(options).judge(password, words)
  return judgement.kind === 'rejected' ? judgement.problems : judgement.kind
}

describe('the length of a new password', () => {
  test.each([
    [14, ['too_short']],
    [15, 'accepted'],
    [4_096, 'accepted'],
    [4_097, ['too_long']],
  ])('%i characters: %j', async (length, expected) => {
    expect(await problemsOf('ab'.repeat(length).slice(0, length))).toEqual(expected)
  })

  test.each([
    [7, ['too_short']],
    [8, 'accepted'],
  ])('%i characters where eight are asked for: %j', async (length, expected) => {
    expect(await problemsOf('x'.repeat(length), [], { minLength: 8 })).toEqual(expected)
  })

  test('is counted in characters and not in code units, nor in parts of one', async () => {
    expect(await problemsOf('\u{1f40e}'.repeat(14))).toEqual(['too_short'])
    expect(await problemsOf('\u{1f40e}'.repeat(15))).toBe('accepted')
    expect(await problemsOf('a\u0308'.repeat(14))).toEqual(['too_short'])
    expect(await problemsOf('a\u0308'.repeat(15))).toBe('accepted')
  })

  test('nothing else is asked for: neither digits nor signs', async () => {
    expect(await problemsOf('onlysmallletters')).toBe('accepted')
    expect(await problemsOf('               ')).toBe('accepted')
  })
})

test('half a surrogate pair would be hashed as another text', async () => {
  expect(await problemsOf(`correct horse \ud83d`)).toEqual(['malformed'])
  expect(await problemsOf(`correct horse \ud83d\udc0e`)).toBe('accepted')
})

describe('a word of this place', () => {
  const words = ['alice.liddell@example.com', 'Alice']
  test.each([
    'alice.liddell@example.com',
    'ALICE.Liddell@Example.com',
    'alice.liddell2026!!',
    'alicealicealice',
    'alice-alice-2026-11',
    'acme-acme-acme-1',
    'Acme alice 1234567',
    '\uff21lice alice 12345', // a wide A
  ])('and digits and signs are no password: %s', async (password) => {
    expect(await problemsOf(password, words, { words: ['acme'] })).toEqual(['context_word'])
  })

  test.each(['alice likes horses', 'acme is not my employer', 'my name is not bo!'])(
    'among others is: %s',
    async (password) => {
      expect(await problemsOf(password, [...words, 'bo'], { words: ['acme'] })).toBe('accepted')
    },
  )

  test('of two letters is none: it is in everything', async () => {
    expect(await problemsOf('12345bo67890123', ['bo'])).toBe('accepted')
  })

  test('is one under any policy that is given none', async () => {
    expect(await problemsOf('1234567890-alice', ['alice'])).toEqual(['context_word'])
  })
})

describe('a password that replaces another one', () => {
  test('is another one, however it is typed', async () => {
    const policy = createPasswordPolicy()
    const password = 'corr\u00e8ct horse battery'
    expect(await policy.judge(password, [], 'corre\u0300ct horse battery')).toEqual({
      kind: 'rejected',
      problems: ['unchanged'],
    })
    expect((await policy.judge(password, [], 'correct horse battery')).kind).toBe('accepted')
  })
})

describe('a leaked password', () => {
  test('is refused, and one that has not leaked is not', async () => {
    expect(await problemsOf(LEAKED, [], { breached })).toEqual(['breached'])
    expect(await problemsOf(`${LEAKED}.`, [], { breached })).toBe('accepted')
  })

  test('is not asked about where something else is wrong already', async () => {
    const asked: string[] = []
    const spy = { isBreached: (password: string) => asked.push(password) > 0 }
    expect(await problemsOf('short', [], { breached: spy })).toEqual(['too_short'])
    expect(asked).toEqual([])
  })

  const broken: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['hangs', () => new Promise(() => {})],
    ['answers with a number', () => 0],
    ['answers with nothing', () => undefined],
  ]
  test.each(broken)(
    'cannot be told if the list %s: neither taken nor refused',
    async (_, isBreached) => {
      const list = { isBreached } as BreachedPasswords // wrong answers are what is tested
      const policy = createPasswordPolicy({ breached: list, timeoutMilliseconds: 5 })
      expect(await policy.judge(LEAKED)).toMatchObject({
        kind: 'unavailable',
        reason: 'policy_unavailable',
      })
      expect(await policy.isBreached(LEAKED)).toBeNull()
    },
  )

  test('can be asked about by itself', async () => {
    const policy = createPasswordPolicy({ breached })
    expect([await policy.isBreached(LEAKED), await policy.isBreached('x')]).toEqual([true, false])
    expect(await createPasswordPolicy().isBreached(LEAKED)).toBeNull()
  })
})

test('whatever is typed, a policy judges it, and says nothing of it', async () => {
  const policy = createPasswordPolicy({ words: ['acme'], breached })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ minLength: 15 })),
      fc.array(fc.string({ maxLength: 10 }), { maxLength: 3 }),
      async (password, words) => {
        const judgement = await policy.judge(password, words)
        expect(['accepted', 'rejected']).toContain(judgement.kind)
        if (password.length >= 12) expect(JSON.stringify(judgement)).not.toContain(password)
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  { minLength: 7 },
  { minLength: 65 },
  { minLength: 8.5 },
  { words: [''] },
  { words: 'acme' },
  { breached: {} },
  { breached: undefined },
  { timeoutMilliseconds: 0 },
  { maxLength: 64 },
])('createPasswordPolicy refuses %j', (options) => {
  const untyped = options as PasswordPolicyOptions // the wrong shape is what is tested
  expect(() => createPasswordPolicy(untyped)).toThrow(
    expect.objectContaining({ code: 'option_invalid' }),
  )
})
