/** The schemes that are measured: JWTs by their algorithm, then those that a store is asked for. */
export const SCHEMES = ['ES256', 'RS256', 'Ed25519', 'HS256', 'opaque', 'api-key', 'basic'] as const

/** The refusals that are measured, all on a route that takes ES256 tokens. */
export const REFUSALS = ['missing', 'junk', 'alg-none', 'expired', 'bad-signature'] as const

/** Every case that `--only` can name, in the order of the tables. */
export const CASES = [...SCHEMES, ...REFUSALS] as const

/** The frameworks that `--http` measures. */
export const FRAMEWORKS = ['express', 'fastify', 'hono'] as const

/** The algorithms that the peers are compared on. Few of them know Ed25519 by its newer name (RFC 9864). */
export const PEER_ALGORITHMS = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] as const

/** What `--peers` compares besides: inside the process, then over sockets. */
export const PEER_PARTS = [
  ...PEER_ALGORITHMS,
  'cached',
  'hashing',
  'refusing',
  'small',
  'weight',
  ...FRAMEWORKS,
] as const

/** What `--stores` measures: a database with a client, or with how it keeps what it is told. */
export const STORE_PARTS = [
  'memory',
  'sqlite-memory',
  'sqlite-normal',
  'sqlite-full',
  'node-redis',
  'ioredis',
  'iovalkey',
  'valkey-glide',
  'pg',
  'postgres.js',
] as const

/** What `--scopes` measures: a question to a grant that is ready, one to a claim that has just come, and to a policy. */
export const SCOPE_PARTS = ['warm', 'cold', 'policy'] as const

/** Where a server answers without a gate. */
export const OPEN_PATH = '/open'

export type PeerAlgorithm = (typeof PEER_ALGORITHMS)[number]
export type ScopePart = (typeof SCOPE_PARTS)[number]
export type StorePart = (typeof STORE_PARTS)[number]
export type PeerPart = (typeof PEER_PARTS)[number]
export type FrameworkName = (typeof FRAMEWORKS)[number]
export type SchemeName = (typeof SCHEMES)[number]
export type RefusalName = (typeof REFUSALS)[number]
export type CaseName = SchemeName | RefusalName

/** Whether the case is a scheme with good credentials. */
export function isScheme(name: CaseName): name is SchemeName {
  return SCHEMES.some((scheme) => scheme === name)
}
