import type { Requirement } from '../../scope/requirement.js'

/** A route, as an inventory lists it. */
export interface AnalysedRoute {
  /** `GET /posts/:id` */
  readonly name: string
  /** What its rules ask of a grant; null if nothing. */
  readonly requirement: Requirement | null
  /** Its rule, with what it asks the policy. */
  readonly rule: {
    readonly question?: {
      readonly action: string
      readonly type: string
      /** Whether it is about many resources. Default: about one. */
      readonly list?: boolean
    } | null
  } | null
}
