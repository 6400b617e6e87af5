import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { type RedisCommand, type RedisStoreOptions, redisStore } from '../../src/stores/redis.js'

const KEY = { kind: 'family', id: 'one' } as const
const OPTIONS = { now: 1_000, expiresAt: 2_000 }
const NONCE = 'abcdefghijklmnop'

/** What a store answers, or rejects with, if Redis replies with this to everything. */
function repliedWith(reply: unknown): Store {
  return redisStore(async () => reply)
}

describe('redisStore', () => {
  test.each([
    ['no function', undefined, {}],
    ['a client in place of a function', { sendCommand() {} }, {}],
    ['an empty prefix', async () => null, { prefix: '' }],
    [
      'a prefix with a brace, which would move its keys to other slots',
      async () => null,
      { prefix: 'a{b}' },
    ],
    ['a prefix that is a pattern', async () => null, { prefix: 'a*' }],
    ['a prefix of 65 characters', async () => null, { prefix: 'a'.repeat(65) }],
    ['no slots', async () => null, { slots: 0 }],
    ['65 slots', async () => null, { slots: 65 }],
    ['an option that there is not', async () => null, { perfix: 'a' }],
  ])('does not start with %s', (_, command, options) => {
    expect(() => redisStore(command as RedisCommand, options as RedisStoreOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('starts with a prefix of 64 characters and with 64 slots', () => {
    const options = { prefix: `${'a'.repeat(59)}:._/-`, slots: 64 }
    expect(typeof redisStore(async () => null, options).get).toBe('function')
  })

  test('names what it keeps as it always has: another name would forget what is used', async () => {
    const sent: string[] = []
    const command: RedisCommand = async (args) => {
      sent.push(...args.filter((arg) => arg.startsWith('{')))
      return args[0] === 'MGET' ? args.slice(1).map(() => null) : 1
    }
    const keys = [KEY, { kind: 'epoch', id: 'subject:ä' } as const]
    await redisStore(command).get(keys)
    await redisStore(command, { prefix: 'mine', slots: 16 }).get(keys)
    await redisStore(command).insert(KEY, 'value', { ...OPTIONS, indexes: ['subject:s'] })
    expect(sent).toEqual([
      '{sallyport}family:one',
      '{sallyport}epoch:subject:ä',
      '{mine/16/15}family:one',
      '{mine/16/11}epoch:subject:ä',
      '{sallyport}family:one',
      '{sallyport}feed',
      '{sallyport}index-family:subject:s',
    ])
  })

  test('tells the command function a key of the command, for clients that send by key', async () => {
    const seen: boolean[] = []
    const store = redisStore(async (args, key) => {
      seen.push(args.includes(key) && key.startsWith('{sallyport}'))
      return args[0] === 'MGET' ? [null] : 1
    })
    await store.get([KEY])
    await store.insert(KEY, 'value', OPTIONS)
    expect(seen).toEqual([true, true])
  })

  test.each([
    'NOSCRIPT No matching script. Please use EVAL.',
    'An error was signalled by the server: - NoScriptError: No matching script. Please use EVAL.',
  ])('sends the text of a script to a server that does not know it: %s', async (message) => {
    const sent: unknown[] = []
    const store = redisStore(async (args) => {
      sent.push(args[0])
      if (args[0] === 'EVALSHA') throw new Error(message)
      const name = createHash('sha1')
        .update(args[1] ?? '')
        .digest('hex')
      sent.push(name)
      return 1
    })
    const names = redisStore(async (args) => {
      sent.push(args[1])
      return 1
    })
    expect(await store.insert(KEY, 'value', OPTIONS)).toBe(true)
    await names.insert(KEY, 'value', OPTIONS)
    expect(sent).toEqual(['EVALSHA', 'EVAL', sent.at(-1), sent.at(-1)])
  })

  test('asks Redis for nothing if no key is wanted', async () => {
    const store = redisStore(() => Promise.reject(new Error('asked')))
    expect(await store.get([])).toEqual([])
  })

  test.each([
    ['strings', (text: string): unknown => text],
    ['bytes', (text: string): unknown => Buffer.from(text)],
  ])('reads replies of %s', async (_, as) => {
    const record = as(`3 2000 ${NONCE} a value`)
    const current = { version: 3, value: 'a value' }
    expect(await repliedWith([record]).get([KEY])).toEqual([current])
    expect(await repliedWith(record).cas(KEY, 1, 'b', OPTIONS)).toEqual({
      kind: 'conflict',
      current,
    })
    expect(await repliedWith(as('1')).cas(KEY, 1, 'b', OPTIONS)).toEqual({
      kind: 'swapped',
      version: 2,
    })
    expect(await repliedWith(as('1')).insert(KEY, 'b', OPTIONS)).toBe(true)
    expect(await repliedWith(as('7')).incr(KEY, 'b', OPTIONS)).toBe(7)
    expect(
      await repliedWith([as('5-1'), as('2 900 960 text')]).feed({ after: null, limit: 9 }),
    ).toEqual({
      entries: [{ text: 'text', until: 900, version: 2 }],
      cursor: '5-1',
      more: false,
    })
  })

  test.each([
    ['undefined for null', undefined],
    ['null', null],
  ])('a swap that is answered with %s found no record', async (_, reply) => {
    expect(await repliedWith(reply).cas(KEY, 1, 'b', OPTIONS)).toEqual({
      kind: 'conflict',
      current: null,
    })
  })

  test.each([
    ['a value that is none of ours', 'hello'],
    ['a version of 0', `0 2000 ${NONCE} value`],
    ['a version beyond what a number holds', `9999999999999999 2000 ${NONCE} value`],
    ['a record without its value', `1 2000 ${NONCE}`],
    ['bytes that are no UTF-8', Buffer.from([0x31, 0xff])],
    ['true', true],
    ['an error as a reply', new Error('READONLY')],
  ])('a record that is %s is no answer', async (_, reply) => {
    await expect(repliedWith([reply]).get([KEY])).rejects.toThrow('none that its command can have')
    await expect(repliedWith(reply).cas(KEY, 1, 'b', OPTIONS)).rejects.toThrow(
      'none that its command',
    )
  })

  test('fewer records than keys are no answer', async () => {
    await expect(repliedWith([null]).get([KEY, KEY])).rejects.toThrow('none that its command')
  })

  test('what a rejection says holds nothing of the reply', async () => {
    const failure = await Promise.resolve(repliedWith(['secret-text']).get([KEY])).catch(String)
    expect(failure).not.toContain('secret')
  })

  test.each([
    [
      'an error with its command',
      Object.assign(new Error('ERR no'), { command: { args: ['secret'] } }),
      'ERR no',
    ],
    [
      'a message with arguments',
      new Error("ERR unknown command 'EVAL', with args beginning with: 'secret'"),
      "ERR unknown command 'EVAL'",
    ],
    [
      'an error without a message',
      Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['an error that says nothing', new Error(''), 'unknown'],
    ['no error at all', 'secret', 'rejected'],
    ['a long message', new Error(`${'a'.repeat(300)}secret`), 'aaa'],
  ])(
    'rejects with what the client said, and nothing of what was sent: %s',
    async (_, cause, said) => {
      const store = redisStore(() => Promise.reject(cause))
      const failure: unknown = await Promise.resolve(store.get([KEY])).catch(
        (error: unknown) => error,
      )
      expect(failure).toBeInstanceOf(Error)
      expect(String(failure)).toContain(said)
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('secret')
    },
  )

  test('a client that throws at once makes the store reject', async () => {
    const store = redisStore(() => {
      throw new Error('closed')
    })
    await expect(store.insert(KEY, 'value', OPTIONS)).rejects.toThrow('closed')
    await expect(store.get([KEY])).rejects.toThrow('closed')
  })

  test.each([
    ['fractions', { now: 1_000.5, expiresAt: 2_000 }],
    ['what is no number', { now: 1_000, expiresAt: Number.NaN }],
    [
      'a notice until infinity',
      { ...OPTIONS, notice: { text: 'a', until: Number.POSITIVE_INFINITY } },
    ],
  ])('times that are %s are not sent: the scripts could not read them back', async (_, options) => {
    let sent = 0
    const store = redisStore(async () => ++sent)
    await expect(store.insert(KEY, 'value', options)).rejects.toThrow('whole seconds')
    await expect(store.cas(KEY, 1, 'value', options)).rejects.toThrow('whole seconds')
    await expect(store.incr(KEY, 'value', options)).rejects.toThrow('whole seconds')
    expect(sent).toBe(0)
  })

  test('a cursor that is none of ours starts over', async () => {
    const positions: unknown[] = []
    const store = redisStore(async (args) => {
      positions.push(args[4])
      return []
    })
    for (const after of ['', 'x', '1', '5-1,6-1', '5-1\n', '-'])
      await store.feed({ after, limit: 1 })
    await store.feed({ after: '5-1', limit: 1 })
    expect(positions).toEqual(['-', '-', '-', '-', '-', '-', '5-1'])
  })

  test('never believes a reply: whatever comes, each verb rejects or answers in its shape', async () => {
    const reply = fc.oneof(
      fc.anything(),
      fc.array(fc.oneof(fc.string(), fc.constant(null), fc.constant(`1 - ${NONCE} v`)), {
        maxLength: 4,
      }),
    )
    await fc.assert(
      fc.asyncProperty(reply, async (value) => {
        const store = repliedWith(value)
        for (const [ask, isAnswer] of ASKED) {
          const answer = await Promise.resolve(ask(store)).catch(() => REJECTED)
          if (answer !== REJECTED && !isAnswer(answer))
            throw new Error(`believed for ${String(ask)}`)
        }
      }),
    )
  })
})

const REJECTED = Symbol('rejected')

const isRecord = (value: unknown): boolean =>
  value === null ||
  (Number.isSafeInteger(Reflect.get(Object(value), 'version')) &&
    typeof Reflect.get(Object(value), 'value') === 'string')

const ASKED: readonly (readonly [(store: Store) => unknown, (answer: unknown) => boolean])[] = [
  [
    (store) => store.get([KEY]),
    (answer) => Array.isArray(answer) && answer.length === 1 && isRecord(answer[0]),
  ],
  [(store) => store.insert(KEY, 'v', OPTIONS), (answer) => typeof answer === 'boolean'],
  [
    (store) => store.cas(KEY, 1, 'v', OPTIONS),
    (answer) =>
      Reflect.get(Object(answer), 'version') === 2 ||
      isRecord(Reflect.get(Object(answer), 'current')),
  ],
  [(store) => store.incr(KEY, 'v', OPTIONS), (answer) => Number(answer) >= 1],
  [
    (store) => store.list('family', 'i', { after: null, limit: 2 }),
    (answer) => isTexts(Reflect.get(Object(answer), 'ids')),
  ],
  [
    (store) => store.feed({ after: null, limit: 2 }),
    (answer) => typeof Reflect.get(Object(answer), 'cursor') === 'string',
  ],
  [(store) => store.sweep(1), (answer) => Number.isSafeInteger(answer)],
]

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}
