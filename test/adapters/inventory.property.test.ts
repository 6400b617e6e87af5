/** An inventory must never name a rule that a request can get around: compared with what the routers really do. */
import express from 'express'
import fc from 'fast-check'
import { Hono, type MiddlewareHandler } from 'hono'
import { UnsupportedPathError } from 'hono/router'
import { LinearRouter } from 'hono/router/linear-router'
import { PatternRouter } from 'hono/router/pattern-router'
import { TrieRouter } from 'hono/router/trie-router'
import { describe, expect, it } from 'vitest'
import { inventory as inventoryOfExpress } from '../../src/adapters/express.js'
import { inventory as inventoryOfHono } from '../../src/adapters/hono.js'
import { markRule } from '../../src/adapters/inventory-mark.js'
import type { ListedRoute } from '../../src/gate/listed-route.js'
import type { RuleDescription } from '../../src/gate/rule-description.js'

/** A rule that can be told from others by its number. */
function ruleNumber(number: number): RuleDescription {
  return {
    accept: [String(number)],
    requirement: { kind: 'authenticated' },
    question: null,
    login: null,
    revocationLag: null,
    hide: false,
    load: false,
    allow: false,
  }
}

function numbersOf({ rule, before }: ListedRoute): readonly string[] {
  return rule === null ? [] : [...before, rule].flatMap(({ accept }) => accept)
}

const literal = fc.constantFrom('a', 'b', 'A')
const requestSegment = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'A'), weight: 2 },
  fc.constantFrom('B', 'c', '', 'a-b', '1'),
)
const requestPath = fc
  .array(requestSegment, { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)

const expressPath = fc
  .array(
    fc.oneof(
      { arbitrary: literal, weight: 6 },
      { arbitrary: fc.constant(':x'), weight: 3 },
      {
        arbitrary: fc.constantFrom('*y', ':z.txt', ':p-:q', 'a:r', 'a{:o}', ''),
        weight: 3,
      },
    ),
    { maxLength: 3 },
  )
  .chain((segments) =>
    fc.constantFrom('', '{/:o}', '{/a}{/b}').map((end) => {
      // Each name once in a path, or Express refuses it.
      const named = segments.map((segment, at) => segment.replace(/([:*][a-z])/g, `$1${at}`))
      return `/${named.join('/')}${named.length === 0 ? end.replace(/^\{\//, '{') : end}`
    }),
  )

const regularExpression = fc.constantFrom(/^\/[ab]/i, /^\/[a-z-]+/, /\/b/)
const anyExpressPath = fc.oneof({ arbitrary: expressPath, weight: 9 }, regularExpression)

type Part =
  | { readonly kind: 'guard'; readonly path: string | RegExp | string[] }
  | { readonly kind: 'route'; readonly path: string | RegExp }
  | {
      readonly kind: 'router'
      readonly path: string | RegExp
      readonly careful: boolean
      readonly parts: readonly Part[]
    }

const { parts } = fc.letrec<{ parts: Part[]; part: Part }>((tie) => ({
  parts: fc.array(tie('part'), { maxLength: 4 }),
  part: fc.oneof(
    { maxDepth: 2 },
    fc.record({
      kind: fc.constant('guard'),
      path: fc.oneof(
        { arbitrary: anyExpressPath, weight: 9 },
        fc.constantFrom(['/', '/a'], ['/a', '/:x']),
      ),
    }),
    fc.record({ kind: fc.constant('route'), path: anyExpressPath }),
    fc.record({
      kind: fc.constant('router'),
      path: anyExpressPath,
      careful: fc.boolean(),
      parts: tie('parts'),
    }),
  ) as fc.Arbitrary<Part>,
}))

describe('whatever the application, each rule that the inventory names has been met by those who get to the route', () => {
  it('on Express', () => {
    let compared = 0
    fc.assert(
      fc.property(
        parts,
        fc.boolean(),
        fc.array(requestPath, { minLength: 20, maxLength: 40 }),
        (tree, careful, paths) => {
          let met: string[] = []
          let reached: { readonly route: number; readonly met: readonly string[] }[] = []
          let count = 0
          let routes = 0
          const build = (router: express.Router, list: readonly Part[]): void => {
            for (const part of list) {
              if (part.kind === 'router') {
                const below = express.Router({ caseSensitive: part.careful })
                build(below, part.parts)
                router.use(part.path, below)
              } else if (part.kind === 'guard') {
                const number = count++
                const guard: express.RequestHandler = (_request, _response, next) => {
                  met.push(String(number))
                  next()
                }
                router.use(
                  part.path,
                  markRule(guard, { rule: ruleNumber(number), acceptsAnyone: false }),
                )
              } else {
                const route = routes++
                router.get(part.path, (_request, _response, next) => {
                  reached.push({ route, met: [...met] })
                  next()
                })
              }
            }
          }
          const app = express.Router({ caseSensitive: careful })
          build(app, tree)
          const listed = inventoryOfExpress(app)
          if (listed.length !== routes) throw new Error(`${routes} routes, ${listed.length} listed`)
          for (const url of paths) {
            met = []
            reached = []
            // All that a router asks of a request whose handlers answer nothing.
            app({ method: 'GET', url } as express.Request, {} as express.Response, () => {})
            for (const { route, met: really } of reached) {
              const named = listed[route]
              if (named === undefined) throw new Error(`route ${route} is not listed`)
              const missed = numbersOf(named).filter((number) => !really.includes(number))
              compared += numbersOf(named).length
              if (missed.length > 0) throw new Error(`${url} got to ${named.name} past ${missed}`)
            }
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(compared).toBeGreaterThan(20)
  })

  const honoPath = fc
    .array(
      fc.oneof(
        { arbitrary: literal, weight: 2 },
        fc.constantFrom(':x', ':x', '*', ':y{[ab]+}', ':z{.+}', ':p?', 'a:r', 'a*', ':s-:t'),
      ),
      { maxLength: 3 },
    )
    .chain((segments) =>
      fc.constantFrom('', '/*', '/:o?').map((end) => {
        const named = segments.map((segment, at) => segment.replace(/(:[a-z])/g, `$1${at}`))
        return `/${named.join('/')}`.replace(/\/$/, '') + end || '/'
      }),
    )
  const honoPart = fc.record({ isGuard: fc.boolean(), isForGet: fc.boolean(), path: honoPath })

  it.each([
    ['its own router', () => new Hono()],
    ['LinearRouter', () => new Hono({ router: new LinearRouter() })],
    ['PatternRouter', () => new Hono({ router: new PatternRouter() })],
    ['TrieRouter', () => new Hono({ router: new TrieRouter() })],
  ])('on Hono with %s', async (_, createApp) => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(honoPart, { maxLength: 6 }),
        fc.array(requestPath, { minLength: 10, maxLength: 20 }),
        async (list, paths) => {
          let met: string[] = []
          let reached: string | null = null
          const app = createApp()
          for (const [number, { isGuard, isForGet, path }] of list.entries()) {
            const guard: MiddlewareHandler = async (_c, next) => {
              met.push(String(number))
              await next()
            }
            const marked = markRule(guard, { rule: ruleNumber(number), acceptsAnyone: false })
            if (isGuard && isForGet) app.get(path, marked)
            else if (isGuard) app.use(path, marked)
            else {
              app.get(path, (c) => {
                reached ??= path
                return c.body(null)
              })
            }
          }
          const listed = new Map(inventoryOfHono(app).map((route) => [route.path, route]))
          for (const url of paths) {
            met = []
            reached = null
            // A smaller router may not take a path at all; it says so at the first request.
            try {
              await app.request(url)
            } catch (error) {
              if (!(error instanceof UnsupportedPathError)) throw error
            }
            if (reached === null) continue
            const named = listed.get(reached)
            if (named === undefined) throw new Error(`${reached} is not listed`)
            const missed = numbersOf(named).filter((number) => !met.includes(number))
            compared += numbersOf(named).length
            if (missed.length > 0) throw new Error(`${url} got to ${named.name} past ${missed}`)
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(compared).toBeGreaterThan(20)
  })
})
