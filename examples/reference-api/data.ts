/** Users and posts, in memory: the place for your database. */
import type { Principal } from 'sallyport'
import * as z from 'zod'

/**
 * Whose something is. The subject alone is not enough: two issuers may both know an `alice`. A user principal has
 * both members, so it can be compared as it is.
 */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

export interface User {
  readonly id: string
  readonly name: string
  /** Who may act as this user; null as long as nobody may. */
  readonly identity: Identity | null
}

export interface Post {
  readonly id: string
  readonly title: string
  /** A draft is for its author's eyes only. */
  readonly draft: boolean
  readonly author: Identity
}

/** Each API has its own data, so that what the demo deletes on one framework is still there on the next. */
export function createData(issuer: string) {
  const alice = { issuer, subject: 'alice' }
  const bob = { issuer, subject: 'bob' }
  const users = createTable<User>([
    { id: 'alice', name: 'Alice', identity: alice },
    { id: 'bob', name: 'Bob', identity: bob },
  ])
  const posts = createTable<Post>([
    { id: '1', title: 'Hello', draft: false, author: alice },
    { id: '2', title: 'Two doors', draft: false, author: bob },
    { id: '3', title: 'Unfinished', draft: true, author: bob },
  ])
  return {
    users,
    posts,
    /** @returns null if the fields are not those of a user */
    createUser(fields: unknown): User | null {
      const { success, data } = NEW_USER.safeParse(fields)
      return success ? users.add((id) => ({ id, ...data, identity: null })) : null
    },
    /** @returns null if the fields are not those of a post */
    createPost(fields: unknown, { issuer, subject }: Identity): Post | null {
      const { success, data } = NEW_POST.safeParse(fields)
      return success ? posts.add((id) => ({ id, ...data, author: { issuer, subject } })) : null
    },
  }
}

export type Data = ReturnType<typeof createData>

export function isSame(one: Identity, other: Identity | null): boolean {
  return one.issuer === other?.issuer && one.subject === other.subject
}

/** Drafts are hidden from everyone but their author, in a list as well as one by one. */
export function canSee(who: Principal, post: Post): boolean {
  return !post.draft || (who.kind === 'user' && isSame(who, post.author))
}

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
