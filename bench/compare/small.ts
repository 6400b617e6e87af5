import { hash, timingSafeEqual } from 'node:crypto'
import { defineScopes, viewNodeRequest } from 'sallyport'
import { type Contender, measure, microseconds, type Ratio, ratio } from '../rounds.js'
import { GRANTED } from '../scheme.js'
import { createScheme } from '../schemes.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import { FIELDS, TLS } from './candidates.js'
import type { Section } from './section.js'
import { inTurn } from './tokens.js'

/** An API key against a store in memory, and a scope check: work of a microsecond and less. */
export async function measureSmall(seconds: number): Promise<Section> {
  const [decide, bare] = await apiKeyContenders()
  const check = scopeContender()
  const times = await measure([decide, bare, check], { seconds, inFlight: 1 })
  const figure = ratio(times, decide, bare)
  const scopes = thousandths(microseconds(times, check))
  return {
    title: 'An API key from a store in memory, and a scope check',
    table: formatTable([
      ['', 'time', 'of SHA-256 + timingSafeEqual'],
      ['API key: sallyport decide', formatTime(microseconds(times, decide)), formatRatio(figure)],
      ['API key: SHA-256 + timingSafeEqual', formatTime(microseconds(times, bare)), '1'],
      ['scope check: one of three', formatTime(scopes), '-'],
    ]),
    targets: [
      {
        work: 'API key, decide: time / SHA-256 + timingSafeEqual',
        figure,
        wanted: 'at most',
        limit: 2,
      },
      { work: 'scope check', figure: scopes, wanted: 'at most', limit: 0.05, unit: 'us' },
    ],
  }
}

async function apiKeyContenders(): Promise<readonly [Contender, Contender]> {
  const { gate, values } = await createScheme('api-key')
  const guard = gate.guard({ scopes: 'things:read' })
  const next = inTurn(values)
  const rawHeaders = [...FIELDS, 'X-API-Key', '']
  const byStart = new Map(
    values.map((value) => {
      const key = value.toString('latin1')
      return [key.slice(0, PUBLIC_CHARACTERS), hash('sha256', key, 'buffer')]
    }),
  )
  return [
    () => {
      rawHeaders[rawHeaders.length - 1] = next()
      const view = viewNodeRequest({ method: 'GET', url: '/things', rawHeaders, socket: TLS })
      const outcome = guard.decide(view, undefined)
      return outcome instanceof Promise ? outcome.then(assertGranted) : assertGranted(outcome)
    },
    () => {
      const key = next()
      const known = byStart.get(key.slice(0, PUBLIC_CHARACTERS))
      if (known === undefined || !timingSafeEqual(known, hash('sha256', key, 'buffer'))) {
        throw new Error('The API key is wrong.')
      }
      return undefined
    },
  ]
}

function scopeContender(): Contender {
  const scopes = defineScopes({ resources: { things: ['read', 'write'], users: ['read'] } })
  const grant = scopes.grant(GRANTED)
  const requirement = scopes.requirement('things:read')
  return () => {
    for (let call = 0; call < 1000; call++) {
      if (scopes.judge(grant, requirement).kind !== 'covered') throw new Error('Not covered.')
    }
    return undefined
  }
}

function assertGranted({ kind }: { readonly kind: string }): undefined {
  if (kind !== 'granted') throw new Error(`An API key was decided ${kind}.`)
}

function thousandths({ median, lower, upper }: Ratio): Ratio {
  return { median: median / 1000, lower: lower / 1000, upper: upper / 1000 }
}

/** The prefix and the id of a key: what a store finds it by. */
const PUBLIC_CHARACTERS = 24
