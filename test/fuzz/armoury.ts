import type { RawRequest } from '../../src/testing/send.js'

/** What the served side tells the fuzzer: where it listens, and what is good and what is not. */
export interface Armoury {
  readonly port: number
  readonly doors: readonly ArmedDoor[]
  /** Fields that carry rightly signed tokens, each with a fault. */
  readonly hostile: readonly { readonly path: string; readonly fields: RawRequest['fields'] }[]
}

export interface ArmedDoor {
  readonly path: string
  /** Doors of one kind take each other's credentials. */
  readonly kind: string
  readonly good: readonly GoodCredential[]
}

export interface GoodCredential {
  readonly fields: RawRequest['fields']
  /** Its text as it stands on the wire: without it, nobody may be let in. */
  readonly text: string
  /** Whom the handler must see. */
  readonly who: string
}

/** What a served process says of itself. */
export interface Health {
  readonly residentBytes: number
  /** What gates reported as failed: none of it is the client's doing. */
  readonly failures: readonly string[]
}

export type ServedMessage =
  | { readonly kind: 'armoury'; readonly armoury: Armoury }
  | { readonly kind: 'health'; readonly health: Health }
