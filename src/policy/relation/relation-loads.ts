import type { Scalar } from '../condition/condition.js'
import { type Truth, truthOf } from '../condition/truth.js'
import type { Relation, RelationPair } from './relation.js'

/**
 * What is known of relations during one request: each pair is looked up at most once, and all pairs that are wanted at the
 * same time in one call of the relation's loader.
 *
 * A key is the relation and the two values themselves, nested and never joined into one text: no value can be written so
 * that it looks like another pair.
 */
export class RelationLoads {
  private readonly truths = new Map<string, Map<Scalar, Map<Scalar, Truth>>>()
  private readonly wanted = new Map<string, RelationPair[]>()
  /** The batch that starts with the next turn, if one does. */
  private next: Promise<unknown> | null = null
  /** All that is under way. Whoever waits for a pair waits for this, or it would ask again and again meanwhile. */
  private running: Promise<unknown> = Promise.resolve()
  private readonly lists = new Map<string, Map<Scalar, Promise<readonly unknown[] | null>>>()
  /** What loaders threw, for the operator; the first of them. */
  cause: unknown = undefined

  private readonly relations: ReadonlyMap<string, Relation>

  constructor(relations: ReadonlyMap<string, Relation>) {
    this.relations = relations
  }

  /** What is known of a pair. `pending` puts it on the list of what {@link load} fetches. */
  related(name: string, pair: RelationPair): Truth {
    const truths = this.truthsOf(name, pair.principal)
    const truth = truths.get(pair.resource)
    if (truth !== undefined) return truth
    truths.set(pair.resource, 'pending')
    // The loader is handed this object: what it wrote into it would be remembered of another pair.
    const frozen = Object.freeze({ principal: pair.principal, resource: pair.resource })
    const wanted = this.wanted.get(name)
    if (wanted === undefined) this.wanted.set(name, [frozen])
    else wanted.push(frozen)
    return 'pending'
  }

  /** Fetches what is pending, with what others want in the same turn. Never rejects: what cannot be told is `failed`. */
  async load(): Promise<void> {
    if (this.next === null && this.wanted.size > 0) {
      this.next = Promise.resolve().then(() => {
        // Whoever wants something from now on needs another batch.
        this.next = null
        const batches = [...this.wanted]
        this.wanted.clear()
        return Promise.all(batches.map(([name, pairs]) => this.fetch(name, pairs)))
      })
      this.running = Promise.all([this.running, this.next])
    }
    await this.running
  }

  /**
   * Every resource value that a principal value is related to, asked for once. Never rejects: null if it cannot be told, and
   * if there are more than {@link MOST_LISTED}, since a part of a list would be taken for the whole.
   */
  list(name: string, principal: Scalar): Promise<readonly unknown[] | null> {
    const lists = this.lists.get(name) ?? new Map<Scalar, Promise<readonly unknown[] | null>>()
    this.lists.set(name, lists)
    const known = lists.get(principal)
    if (known !== undefined) return known
    const asked = this.askForList(name, principal)
    lists.set(principal, asked)
    return asked
  }

  private async askForList(name: string, principal: Scalar): Promise<readonly unknown[] | null> {
    try {
      const values: unknown = await this.relations.get(name)?.list?.(principal)
      if (!Array.isArray(values)) {
        this.cause ??= new Error(`relation '${name}': list gave no list`)
      } else if (values.length > MOST_LISTED) {
        this.cause ??= new Error(`relation '${name}': list gave more than ${MOST_LISTED} values`)
      } else return values
    } catch (cause) {
      this.cause ??= cause
    }
    return null
  }

  private async fetch(name: string, pairs: readonly RelationPair[]): Promise<void> {
    const answers = await this.ask(name, pairs)
    pairs.forEach((pair, index) => {
      const answer = answers?.[index]
      if (typeof answer !== 'boolean') {
        this.cause ??= new Error(
          `relation '${name}': the loader answered with something else than true and false`,
        )
      }
      this.truthsOf(name, pair.principal).set(
        pair.resource,
        typeof answer === 'boolean' ? truthOf(answer) : 'failed',
      )
    })
  }

  private async ask(
    name: string,
    pairs: readonly RelationPair[],
  ): Promise<readonly unknown[] | null> {
    const relation = this.relations.get(name)
    if (relation === undefined) return null
    try {
      const answers: unknown = await (relation.load === undefined
        ? this.listed(name, pairs)
        : relation.load(Object.freeze([...pairs])))
      // Copied here, where what it throws is caught.
      if (Array.isArray(answers) && answers.length === pairs.length) return Array.from(answers)
      this.cause ??= new Error(`relation '${name}': the loader gave no answer for each pair`)
    } catch (cause) {
      this.cause ??= cause
    }
    return null
  }

  private truthsOf(name: string, principal: Scalar): Map<Scalar, Truth> {
    const byPrincipal = this.truths.get(name) ?? new Map<Scalar, Map<Scalar, Truth>>()
    this.truths.set(name, byPrincipal)
    const byResource = byPrincipal.get(principal) ?? new Map<Scalar, Truth>()
    byPrincipal.set(principal, byResource)
    return byResource
  }

  /** By the lists of the principals among the pairs. */
  private async listed(name: string, pairs: readonly RelationPair[]): Promise<readonly unknown[]> {
    const sets = new Map<Scalar, ReadonlySet<unknown> | null>()
    const principals = new Set(pairs.map(({ principal }) => principal))
    await Promise.all(
      [...principals].map(async (principal) => {
        const list = await this.list(name, principal)
        sets.set(principal, list === null ? null : new Set(list))
      }),
    )
    return pairs.map(({ principal, resource }) => sets.get(principal)?.has(resource))
  }
}

/** How many values a list may have: a few megabytes in one parameter of a query. */
const MOST_LISTED = 100_000
