/** A step in the making of a store's tables. */
export interface Migration {
  /** 1 for the first. Each is run once, in their order; whoever has none runs all. */
  readonly version: number
  /** Plain SQL, statements with a semicolon each. Running it again changes nothing. */
  readonly sql: string
}
