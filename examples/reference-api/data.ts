/** Users, posts and teams, in memory: the place for your database. */
import type { RelationPair } from 'sallyport/policy'
import * as z from 'zod'

/** Who somebody is. The subject alone is not enough: two issuers may both know an `alice`. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

/** The same as one text, for policies and columns. An issuer is a URL without `#`, so no two can come out alike. */
export function identityOf({ issuer, subject }: Identity): string {
  return `${issuer}#${subject}`
}

export interface User {
  readonly id: string
  readonly name: string
  /** Who may act as this user; null as long as nobody may. */
  readonly identity: string | null
}

export interface Post {
  readonly id: string
  readonly title: string
  /** A draft is for its author's eyes only. */
  readonly draft: boolean
  readonly author: string
}

export interface Team {
  readonly id: string
  readonly name: string
  /** Whose team it is. To everybody else it does not exist. */
  readonly tenant: string
  readonly lead: string
  readonly members: readonly string[]
}

/** What the policy looks up of whoever calls. */
export interface Directory {
  /** Null for whoever belongs to none. */
  tenantOf(identity: string): string | null
  areMembers(pairs: readonly RelationPair[]): readonly boolean[]
  teamsOf(identity: string): readonly string[]
}

/** Each API has its own data, so that what the demo deletes on one framework is still there on the next. */
export function createData(issuer: string) {
  const alice = identityOf({ issuer, subject: 'alice' })
  const bob = identityOf({ issuer, subject: 'bob' })
  const carol = identityOf({ issuer, subject: 'carol' })
  const users = createTable<User>([
    { id: 'alice', name: 'Alice', identity: alice },
    { id: 'bob', name: 'Bob', identity: bob },
  ])
  const posts = createTable<Post>([
    { id: '1', title: 'Hello', draft: false, author: alice },
    { id: '2', title: 'Two doors', draft: false, author: bob },
    { id: '3', title: 'Unfinished', draft: true, author: bob },
  ])
  const teams = createTable<Team>([
    { id: 'red', name: 'Red', tenant: 'acme', lead: alice, members: [alice, bob] },
    { id: 'blue', name: 'Blue', tenant: 'acme', lead: bob, members: [bob] },
    { id: 'gold', name: 'Gold', tenant: 'other', lead: carol, members: [carol, alice] },
  ])
  const tenants = new Map([
    [alice, 'acme'],
    [bob, 'acme'],
    [carol, 'other'],
  ])
  const directory: Directory = {
    tenantOf: (identity) => tenants.get(identity) ?? null,
    areMembers: (pairs) =>
      pairs.map(({ principal, resource }) =>
        Boolean(teams.find(String(resource))?.members.includes(String(principal))),
      ),
    teamsOf: (identity) =>
      teams
        .all()
        .filter(({ members }) => members.includes(identity))
        .map(({ id }) => id),
  }
  return {
    users,
    posts,
    teams,
    directory,
    /** @returns null if the fields are not those of a user */
    createUser(fields: unknown): User | null {
      const { success, data } = NEW_USER.safeParse(fields)
      return success ? users.add((id) => ({ id, ...data, identity: null })) : null
    },
    /** @returns null if the fields are not those of a post */
    createPost(fields: unknown, author: Identity): Post | null {
      const { success, data } = NEW_POST.safeParse(fields)
      return success ? posts.add((id) => ({ id, ...data, author: identityOf(author) })) : null
    },
  }
}

export type Data = ReturnType<typeof createData>

function createTable<Entry extends { readonly id: string }>(entries: readonly Entry[]) {
  const rows = new Map(entries.map((entry) => [entry.id, entry]))
  let last = entries.length
  return {
    all: (): readonly Entry[] => [...rows.values()],
    find: (id: string): Entry | undefined => rows.get(id),
    add(make: (id: string) => Entry): Entry {
      last += 1
      const entry = make(String(last))
      rows.set(entry.id, entry)
      return entry
    },
    remove: (id: string): boolean => rows.delete(id),
  }
}

const NEW_USER = z.object({ name: z.string().min(1).max(100) })
const NEW_POST = z.object({
  title: z.string().min(1).max(200),
  draft: z.boolean().default(false),
})
