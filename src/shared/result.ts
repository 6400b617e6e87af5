/** The outcome of a parse: a value, or the reason why there is none. Parsers return it; they do not throw. */
export type Result<Value, Reason> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason }

export function succeed<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value }
}

export function fail<const Reason>(reason: Reason): {
  readonly ok: false
  readonly reason: Reason
} {
  return { ok: false, reason }
}

/** Ends a switch over a closed union: a new member then fails to compile in every place that must care. */
export function unreachable(member: never): never {
  throw new Error(`not a member of the union: ${String(member)}`)
}
