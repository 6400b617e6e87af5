import type {
  CedarValueJson,
  Context,
  Entities,
  EntityJson,
  StatefulAuthorizationCall,
  TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { AttributeKind } from '../../../src/policy/index.js'
import { typeOf } from './cedar-policy.js'
import { type Sample, type SampleRequest, tableOf } from './sample.js'

/** The same request for Cedar, with the entities that it is about. */
export function cedarRequest(
  sample: Sample,
  request: SampleRequest,
): Omit<StatefulAuthorizationCall, 'preparsedPolicySetId'> {
  const { type, action, grant } = request
  const principal = { type: 'User', id: 'principal' }
  const resource = { type: typeOf(sample, type), id: 'resource' }
  const attributes = (of: 'resource' | 'principal' | 'context'): Record<string, CedarValueJson> =>
    attributesOf(tableOf(sample, type, of), request[of])
  const holder = { type: 'Grant', id: 'grant' }
  const context: Context = {
    attributes: attributes('context'),
    answers: answersOf(sample, request),
    absent: absentOf(sample, request),
  }
  const entities: Entities = [
    ...hierarchyOf(sample),
    entity(principal, rolesOf(request), attributes('principal')),
    entity(resource, [], attributes('resource')),
  ]
  if (grant !== 'undelegated') {
    context['grant'] = { __entity: holder }
    entities.push(entity(holder, grant.claim.split(' ').filter(Boolean).map(scope)))
  }
  return { principal, action: { type: 'Action', id: action }, resource, context, entities }
}

/**
 * What Cedar is told of an object. It has no null, and without a schema it takes an attribute of any type, which is no
 * question of evaluation: so what is null or of another type than it was declared as is left out.
 */
function attributesOf(
  table: Readonly<Record<string, AttributeKind>>,
  object: Readonly<Record<string, unknown>> | undefined,
): Record<string, CedarValueJson> {
  const attributes: [string, CedarValueJson][] = []
  for (const [name, kind] of Object.entries(table)) {
    const value = ownOf(object, name)
    if (isOfKind(value, kind)) attributes.push([name, value])
  }
  return Object.fromEntries(attributes)
}

/** Each attribute that is null or not there, as false: it does not exist. One of another kind is not among them. */
function absentOf(sample: Sample, request: SampleRequest): Record<string, boolean> {
  const owners = ['resource', 'principal', 'context'] as const
  const absent = owners.flatMap((of) =>
    Object.keys(tableOf(sample, request.type, of))
      .filter((name) => (ownOf(request[of], name) ?? null) === null)
      .map((name): [string, boolean] => [`${of}.${name}`, false]),
  )
  return Object.fromEntries(absent)
}

function ownOf(object: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
}

function isOfKind(value: unknown, kind: AttributeKind): value is string | number | string[] {
  if (typeof kind !== 'string') return typeof value === 'string' && kind.includes(value)
  switch (kind.replace('?', '')) {
    case 'number':
      // Cedar's numbers are whole; no others are made here.
      return Number.isSafeInteger(value)
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    default:
      return typeof value === kind.replace('?', '')
  }
}

/** What a loader says, if it says anything and is asked at all: for two values of the declared kinds. */
function answersOf(sample: Sample, request: SampleRequest): Record<string, boolean> {
  const known = Object.entries(request.answers).filter((entry): entry is [string, boolean] => {
    const [name, answer] = entry
    if (answer === 'fails') return false
    const relation = sample.relations[name]
    if (relation === undefined) return true
    return (
      relation.type === request.type &&
      (['principal', 'resource'] as const).every((of) => {
        const attributes = attributesOf(tableOf(sample, request.type, of), request[of])
        return Object.hasOwn(attributes, relation[of])
      })
    )
  })
  return Object.fromEntries(known)
}

/** What a principal says its roles are: a list of texts, or none. */
function rolesOf({ principal }: SampleRequest): readonly TypeAndId[] {
  const roles = Object.hasOwn(principal, 'roles') ? principal['roles'] : undefined
  if (!Array.isArray(roles)) return []
  return roles.every((name) => typeof name === 'string') ? roles.map(role) : []
}

/** Roles and scopes, each below what it has or covers. What has no entity of its own covers nothing but its name. */
function hierarchyOf(sample: Sample): EntityJson[] {
  const known = HIERARCHIES.get(sample)
  if (known !== undefined) return known
  const entities = [
    ...Object.entries(sample.roles ?? {}).map(([name, { extends: extended, grants }]) =>
      entity({ type: 'Role', id: name }, [...extended.map(role), ...grants.map(scope)]),
    ),
    ...scopesOf(sample).map(([token, covered]) =>
      entity({ type: 'Scope', id: token }, covered.map(scope)),
    ),
  ]
  HIERARCHIES.set(sample, entities)
  return entities
}

/** Every token that covers more than its own name, with what it covers in one step. */
function scopesOf({ vocabulary }: Sample): [string, string[]][] {
  const { resources, superuser, wildcards } = vocabulary
  const explicit: ReadonlySet<string> = new Set(vocabulary.explicitOnly)
  const pairs = Object.entries(resources).flatMap(([resource, actions]) =>
    actions.map((action) => [resource, action] as const),
  )
  const edges = new Map<string, string[]>()
  const add = (token: string, covered: string): void => {
    edges.set(token, [...(edges.get(token) ?? []), covered])
  }
  for (const [from, targets] of Object.entries(vocabulary.implies ?? {})) {
    for (const to of targets ?? []) add(from, to)
  }
  for (const [resource, action] of pairs) {
    const name = `${resource}:${action}`
    for (const target of vocabulary.actionImplies?.[action] ?? []) {
      if (resources[resource]?.includes(target)) add(name, `${resource}:${target}`)
    }
    if (explicit.has(name)) continue
    if (superuser !== undefined) add(superuser, name)
    if (wildcards !== 'grants') continue
    for (const pattern of [`${resource}:*`, `*:${action}`, '*:*']) add(pattern, name)
  }
  for (const name of vocabulary.actions ?? []) {
    if (wildcards === 'grants' && !explicit.has(name)) add('*', name)
  }
  for (const name of [...(vocabulary.actions ?? []), ...(vocabulary.opaque ?? [])]) {
    if (superuser !== undefined && !explicit.has(name)) add(superuser, name)
  }
  return [...edges]
}

function entity(
  uid: TypeAndId,
  parents: readonly TypeAndId[],
  attrs: Record<string, CedarValueJson> = {},
): EntityJson {
  return { uid, attrs, parents: [...parents] }
}

function scope(id: string): TypeAndId {
  return { type: 'Scope', id }
}

function role(id: string): TypeAndId {
  return { type: 'Role', id }
}

const HIERARCHIES = new WeakMap<Sample, EntityJson[]>()
