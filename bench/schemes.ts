import { Buffer } from 'node:buffer'
import { createHash, randomUUID } from 'node:crypto'
import {
  type ApiKeyRecord,
  apiKey,
  basic,
  createApiKey,
  createOpaqueToken,
  type OpaqueTokenRecord,
  opaqueBearer,
} from 'sallyport'
import { jwtScheme } from './jwt-scheme.js'
import type { SchemeName } from './names.js'
import { GRANTED, gateOf, many, type Scheme } from './scheme.js'

/** Makes the fixture of a scheme; its keys and credentials are new. */
export function createScheme(name: SchemeName): Promise<Scheme> {
  switch (name) {
    case 'opaque':
      return opaqueScheme()
    case 'api-key':
      return apiKeyScheme()
    case 'basic':
      return basicScheme()
    default:
      return jwtScheme(name)
  }
}

/** Opaque tokens. The bare work is one SHA-256 by the platform and one look into a Map. */
async function opaqueScheme(): Promise<Scheme> {
  const records = new Map<string, OpaqueTokenRecord>()
  const values = await many(() => {
    const { token, hash } = createOpaqueToken()
    const subject = randomUUID()
    records.set(hash, { kind: 'user', hash, subject, scopes: GRANTED, expiresAt: IN_AN_HOUR })
    return `Bearer ${token.reveal()}`
  })
  return {
    gate: gateOf(opaqueBearer({ store: { find: (hash) => records.get(hash) ?? null } })),
    field: 'authorization',
    values,
    bare: (value) => present(records.get(sha256(value.slice('Bearer '.length)))),
  }
}

/** API keys. The bare work is as for opaque tokens. */
async function apiKeyScheme(): Promise<Scheme> {
  const byId = new Map<string, ApiKeyRecord>()
  const byHash = new Map<string, ApiKeyRecord>()
  const values = await many(() => {
    const { key, record } = createApiKey({
      prefix: 'acme',
      applicationId: 'robot',
      scopes: GRANTED,
      now: NOW,
    })
    byId.set(record.id, record)
    byHash.set(record.secretHash, record)
    return key.reveal()
  })
  return {
    gate: gateOf(apiKey({ prefix: 'acme', store: { find: (id) => byId.get(id) ?? null } })),
    field: 'x-api-key',
    values,
    bare: (value) => present(byHash.get(sha256(value))),
  }
}

/**
 * Basic, with a hasher that costs nothing: what is left is the gate's own work. A real password hash is slow by
 * intent, and no other part of the request would be seen beside it. The bare work is a decoding and a comparison.
 */
async function basicScheme(): Promise<Scheme> {
  const hasher = {
    hash: async (password: string) => password,
    verify: async (password: string, hash: string) =>
      password === hash
        ? ({ kind: 'match', rehash: false } as const)
        : ({ kind: 'mismatch' } as const),
    decoyHash: () => '',
  }
  const records = new Map<string, { username: string; passwordHash: string; scopes: string[] }>()
  const values = await many(() => {
    const [username, password] = [randomUUID(), randomUUID()]
    records.set(username, { username, passwordHash: password, scopes: [...GRANTED] })
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  })
  const store = { find: (username: string) => records.get(username) ?? null }
  return {
    gate: gateOf(basic({ realm: 'ops', store, passwords: hasher })),
    field: 'authorization',
    values,
    bare(value) {
      const text = Buffer.from(value.slice('Basic '.length), 'base64').toString()
      const colon = text.indexOf(':')
      const record = present(records.get(text.slice(0, colon)))
      if (record.passwordHash !== text.slice(colon + 1)) throw new Error('The password is wrong.')
    },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There is no such record.')
  return value
}

const NOW = Math.floor(Date.now() / 1000)
const IN_AN_HOUR = NOW + 3600
