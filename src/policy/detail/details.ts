import { ConfigurationError } from '../../errors.js'
import { frozenMap, isPlain } from '../../shared/frozen.js'
import { ownMember } from '../../shared/own-members.js'
import type { Attributes, ObjectOf } from '../condition/attributes.js'
import { kindTest } from '../condition/compile-condition.js'
import type { DetailType } from './define-detail.js'

/** What authorization details of RFC 9396 a credential was granted, as far as they are understood. Immutable. */
export interface GrantedDetails {
  /** Those that grant something, in their order. */
  readonly details: readonly GrantedDetail[]
  /** Why the others grant nothing, by their place in the claim. */
  readonly ignored: readonly IgnoredDetail[]
  /** Why the claim as a whole grants nothing, or null. */
  readonly problem: 'details_malformed' | 'details_limit' | null
}

interface GrantedDetail {
  readonly type: string
  readonly value: unknown
}

interface IgnoredDetail {
  readonly index: number
  readonly reason: 'type_unknown' | 'field_unknown' | 'malformed'
}

/** Whether a detail is covered. */
export type DetailJudgement =
  | { readonly kind: 'covered' }
  | { readonly kind: 'not_covered' }
  /** What is asked is not what the type asks: an attribute is missing or of another kind. */
  | { readonly kind: 'malformed'; readonly attribute: string }
  /** The comparison of the application has thrown. 503, not a refusal. */
  | { readonly kind: 'failed'; readonly cause: unknown }

/** What a client may be answered that asks for authorization details. */
export type DetailRequest =
  | { readonly kind: 'valid'; readonly details: GrantedDetails }
  | {
      /** RFC 9396 section 5: one unknown type or field, and the request as a whole is refused. */
      readonly kind: 'refused'
      readonly error: 'invalid_authorization_details'
      readonly details: GrantedDetails
    }

/** The types of detail that an API knows. Made by {@link defineDetails}. */
export interface Details<Types extends readonly DetailType[] = readonly DetailType[]> {
  readonly types: ReadonlyMap<string, DetailType>
  /** Reads the claim `authorization_details`, own members only. Absent grants nothing. Never throws. */
  fromClaims(claims: Readonly<Record<string, unknown>>): GrantedDetails
  /** Reads what a client asks for, as parsed from JSON. Never throws. */
  request(value: unknown): DetailRequest
  /** Whether one granted detail covers this, alone: two that cover it together do not. Never throws. */
  covers<Type extends Types[number]['type']>(
    granted: GrantedDetails,
    type: Type,
    asked: ObjectOf<AskedOf<Extract<Types[number], { readonly type: Type }>>>,
  ): DetailJudgement
}

type AskedOf<One> = One extends DetailType<string, infer Asked extends Attributes> ? Asked : never

/**
 * Collects the types of detail that an API knows.
 *
 * @throws ConfigurationError `policy_invalid` for two of one type
 * @see RFC 9396
 */
export function defineDetails<const Types extends readonly DetailType[]>(
  ...list: Types
): Details<Types> {
  const types = new Map<string, DetailType>()
  for (const one of list) {
    if (types.has(one.type)) {
      throw new ConfigurationError('policy_invalid', `defineDetails: two of type '${one.type}'.`)
    }
    types.set(one.type, one)
  }
  const shut = frozenMap(types)
  return Object.freeze({
    types: shut,
    fromClaims: (claims: Readonly<Record<string, unknown>>) =>
      readDetails(shut, ownMember(claims, 'authorization_details')),
    request(value: unknown): DetailRequest {
      const details = readDetails(shut, value)
      const isValid =
        details.problem === null && details.ignored.length === 0 && details.details.length > 0
      return isValid
        ? { kind: 'valid', details }
        : { kind: 'refused', error: 'invalid_authorization_details', details }
    },
    covers: (granted: GrantedDetails, type: string, asked: object) =>
      judgeDetail(shut.get(type), granted, asked),
  })
}

/** Whether one granted detail of this type covers what is asked. Never throws. */
export function judgeDetail(
  type: DetailType | undefined,
  granted: GrantedDetails,
  asked: object,
): DetailJudgement {
  if (type === undefined) return NOT_COVERED
  try {
    // Only what the type asks for, copied: neither more nor anything inherited.
    const members: [string, unknown][] = []
    for (const [name, attribute] of type.asks) {
      const value = ownMember(asked, name) ?? undefined
      if (value === undefined && attribute.optional) continue
      if (!kindTest(attribute)(value)) return { kind: 'malformed', attribute: name }
      members.push([name, value])
    }
    const question = Object.freeze(Object.fromEntries(members))
    const isCovered = granted.details.some(
      (one) => one.type === type.type && type.covers(one.value, question),
    )
    return isCovered ? COVERED : NOT_COVERED
  } catch (cause) {
    return { kind: 'failed', cause }
  }
}

/** Reads a claim `authorization_details`: undefined grants nothing. Never throws. */
export function readDetails(
  types: ReadonlyMap<string, DetailType>,
  claim: unknown,
): GrantedDetails {
  if (claim === undefined) return NOTHING
  if (!Array.isArray(claim) || !isPlain(claim)) return { ...NOTHING, problem: 'details_malformed' }
  if (claim.length > MOST_DETAILS) return { ...NOTHING, problem: 'details_limit' }
  const details: GrantedDetail[] = []
  const ignored: IgnoredDetail[] = []
  // A list, as was checked, of whatever.
  for (const [index, one] of (claim as readonly unknown[]).entries()) {
    const read = readDetail(types, one)
    if (typeof read === 'string') ignored.push(Object.freeze({ index, reason: read }))
    else details.push(Object.freeze(read))
  }
  return Object.freeze({
    details: Object.freeze(details),
    ignored: Object.freeze(ignored),
    problem: null,
  })
}

function readDetail(
  types: ReadonlyMap<string, DetailType>,
  one: unknown,
): GrantedDetail | IgnoredDetail['reason'] {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return 'malformed'
  const name = ownMember(one, 'type')
  if (typeof name !== 'string') return 'malformed'
  const type = types.get(name)
  if (type === undefined) return 'type_unknown'
  const members = Object.entries(one).filter(([member]) => member !== 'type')
  // A field that we do not know may be the one that restricts it.
  if (members.some(([member]) => !type.fields.has(member))) return 'field_unknown'
  const read = type.read(Object.fromEntries(members))
  return read === undefined ? 'malformed' : { type: name, value: read.value }
}

const MOST_DETAILS = 64
const NOTHING: GrantedDetails = Object.freeze({
  details: Object.freeze([]),
  ignored: Object.freeze([]),
  problem: null,
})
const COVERED = Object.freeze({ kind: 'covered' })
const NOT_COVERED = Object.freeze({ kind: 'not_covered' })
