import type { AttributeKind } from '../../../src/policy/index.js'
import type { Random } from './random.js'
import { randomValue } from './random-condition.js'
import { namesOf, type Sample, type SampleRequest, tableOf } from './sample.js'

/** A request that the policy may be asked: most of it fits what was declared, and some does not. */
export function randomRequest(random: Random, sample: Sample): SampleRequest {
  const rule = random.one(sample.rules)
  const names = namesOf(sample)
  const type = random.percent(80) ? rule.type : random.one(Object.keys(sample.types))
  const action = random.percent(80) ? random.one(rule.actions) : random.one(names)
  const object = (of: 'resource' | 'principal' | 'context'): Record<string, unknown> =>
    randomObject(random, tableOf(sample, type, of))
  const principal = object('principal')
  if (sample.roles !== null || random.percent(20)) principal['roles'] = randomRoles(random, sample)
  const resource = random.percent(97) ? object('resource') : undefined
  const tenant = sample.types[type]?.tenant
  if (tenant !== undefined && resource !== undefined && random.percent(70)) {
    // Two texts that are the same by chance would be rare.
    principal['tenant'] = 'a'
    resource[tenant] = 'a'
  }
  return {
    principal,
    context: object('context'),
    action,
    type,
    resource,
    grant: random.percent(15) ? 'undelegated' : { claim: randomClaim(random, sample, action) },
    answers: Object.fromEntries(
      [...Object.keys(sample.relations), ...sample.predicates].map((name) => [
        name,
        random.percent(8) ? ('fails' as const) : random.percent(50),
      ]),
    ),
  }
}

function randomObject(
  random: Random,
  table: Readonly<Record<string, AttributeKind>>,
): Record<string, unknown> {
  const values = Object.entries(table).flatMap(([name, declared]): [string, unknown][] => {
    if (random.percent(88)) return [[name, randomValue(random, declared)]]
    return random.percent(40) ? [] : [[name, random.one(STRANGE)(random)]]
  })
  const object: Record<string, unknown> = Object.fromEntries(values)
  // What is inherited is not there, whoever put it there.
  return random.percent(3) ? Object.create(object) : object
}

function randomRoles(random: Random, { roles }: Sample): unknown {
  if (random.percent(5)) return random.one([null, 'writer', { 0: 'writer' }, [['writer'], 7, null]])
  return [
    ...random.some(Object.keys(roles ?? {}), 1, 4),
    ...random.some(['nobody', 'toString'], 0, 1),
  ]
}

function randomClaim(random: Random, sample: Sample, action: string): string {
  const { implies, superuser, wildcards, resources } = sample.vocabulary
  const patterns = Object.keys(resources).flatMap((resource) => [
    `${resource}:*`,
    '*:read',
    '*:*',
    '*',
  ])
  const tokens = random.some(
    [...namesOf(sample), ...Object.keys(implies ?? {}), ...patterns, ...UNKNOWN],
    0,
    3,
  )
  if (random.percent(75)) tokens.push(action)
  if (superuser !== undefined && random.percent(10)) tokens.push(superuser)
  if (wildcards === 'grants' && random.percent(10)) tokens.push('*:*')
  return random.some(tokens, 99, 99).join(random.percent(10) ? '  ' : ' ')
}

/** What an attribute should not be. Neither is any of them a value that Cedar could be given as one. */
const STRANGE: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => undefined,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => ({ toString: () => 'a' }),
  () => [['a'], 1],
  () => () => 'a',
  (random) => randomValue(random, 'string'),
  (random) => randomValue(random, 'number'),
  (random) => randomValue(random, 'boolean'),
  (random) => randomValue(random, 'strings'),
]

const UNKNOWN = [
  'openid',
  'constructor',
  '__proto__',
  'posts:',
  'post',
  'a\tb',
  'a"b',
  'posts:read:all',
]
