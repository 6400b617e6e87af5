import type { ScopeMissing } from '../decision.js'
import type { Where } from './where.js'

/** Which resources of a type a principal may do something to: those for which `decide` would permit it, and no others. */
export type Filter =
  | RowFilter
  /** The grant does not cover the action, of whichever resource: 403 `insufficient_scope`, not an empty list. */
  | ScopeMissing
  | {
      /** It cannot be told: the list of a relation could not be had. 503, never a part of the list. */
      readonly kind: 'unavailable'
      readonly cause: unknown
      readonly version: string
    }

/** A filter that a query can be made of. */
export type RowFilter =
  | {
      /** All there are. Never of a type with tenants. */
      readonly kind: 'all'
      readonly version: string
    }
  | {
      /** None, whatever there is: an empty list, without a query. */
      readonly kind: 'none'
      readonly version: string
    }
  | {
      readonly kind: 'where'
      /** Data: `toSql` and `toPredicate` read it, and so may you. */
      readonly where: Where
      /** All attributes of the type: `toSql` refuses columns of others. Without it, it takes any. */
      readonly attributes?: readonly string[]
      readonly version: string
    }
