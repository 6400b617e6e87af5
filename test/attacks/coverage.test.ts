/** Each of the attack classes has a test here that bears its id, or waits for a room that does not exist yet. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readHouse, root } from '../house/house.js'
import { vectors } from '../jwt/tokens.js'

interface AttackClass {
  readonly id: string
  readonly family: string
  readonly build: string
  readonly expect: string
}

const classes = vectors<readonly AttackClass[]>('attack-classes/classes.json')

/** Paths below `src`: as soon as one of them exists, the class has a door and needs its test. */
type Room = RegExp
const AUTHORIZATION_SERVER: Room = /^oauth\//
const TOKEN_FAMILIES: Room = /^(oauth\/|lifecycle\/[^/]*(famil|refresh|rotat))/
const CODES: Room = /^(oauth\/|lifecycle\/[^/]*code)/
// The login in `lifecycle/login/` proves a password and issues tokens: it sets no cookie and sends nobody anywhere.
const LOGIN: Room =
  /^((oauth|client)\/|(lifecycle|verify|http)\/(?!login\/)[^/]*(session|login|cookie))/
const SIGNED_URLS: Room = /(^|\/)[^/]*(signed-url|ticket)/

const WAITING: ReadonlyMap<string, Room> = new Map([
  ['refresh-reuse', TOKEN_FAMILIES],
  ['refresh-race', TOKEN_FAMILIES],
  ['refresh-after-restart', TOKEN_FAMILIES],
  ['code-race', CODES],
  ['code-replay', CODES],
  ['pkce-downgrade', AUTHORIZATION_SERVER],
  ['redirect-uri', AUTHORIZATION_SERVER],
  ['client-mixup', TOKEN_FAMILIES],
  ['scope-widen', TOKEN_FAMILIES],
  ['open-redirect-return', LOGIN],
  ['session-fixation', LOGIN],
  ['signed-url', SIGNED_URLS],
])

const house = [...readHouse().keys()]
const tested = testedIds()

test('the classes are the 62 of the corpus, each once', () => {
  expect(new Set(classes.map(({ id }) => id)).size).toBe(62)
  expect(classes).toHaveLength(62)
})

describe('the attack class', () => {
  test.each(classes.map(({ id, build }) => [id, build]))('%s has its test: %s', (id) => {
    const room = WAITING.get(id)
    const built = room === undefined ? [] : house.filter((path) => room.test(path))
    if (room !== undefined && built.length === 0) return
    expect(tested, `${id} has a door now: ${built.join(', ')}`).toContain(id)
  })

  test('that waits for its room is one of the corpus', () => {
    expect(classes.map(({ id }) => id)).toEqual(expect.arrayContaining([...WAITING.keys()]))
  })
})

describe('the rooms that are waited for', () => {
  test.each([
    ['refresh-reuse', 'lifecycle/token-family.ts'],
    ['refresh-race', 'oauth/token-endpoint.ts'],
    ['code-race', 'lifecycle/authorization-code.ts'],
    ['redirect-uri', 'oauth/redirect-uri.ts'],
    ['session-fixation', 'lifecycle/session.ts'],
    ['session-fixation', 'verify/session.ts'],
    ['open-redirect-return', 'http/cookies.ts'],
    ['signed-url', 'verify/signed-url.ts'],
  ])('of %s: %s is one', (id, path) => {
    expect(WAITING.get(id)?.test(path)).toBe(true)
  })

  test.each([
    'lifecycle/login/login.ts',
    'lifecycle/api-key.ts',
    'lifecycle/opaque-token.ts',
    'credential/cookie.ts',
  ])('%s is none', (path) => {
    expect([...WAITING.values()].filter((room) => room.test(path))).toEqual([])
  })
})

/** What the names of the tests in this folder begin with: `alg-none-4: ...`. */
function testedIds(): ReadonlySet<string> {
  const folder = join(root, 'test', 'attacks')
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
  const ids = new Set<string>()
  for (const name of names.filter((name) => name !== 'coverage.test.ts')) {
    const text = readFileSync(join(folder, name), 'utf8')
    for (const [, id = ''] of text.matchAll(/(?:test|describe|it)\(\s*['"`]([a-z][a-z0-9-]+): /g))
      ids.add(id)
    ids.add(name.replace('.test.ts', ''))
  }
  return ids
}
