import * as z from 'zod/mini'
import { tokenEnd } from '../credential/field-grammar.js'
import { isTime } from '../runtime/clock.js'
import { wholeNumber } from '../shared/options.js'
import { isQuotable } from '../shared/quotable.js'

/** The options that several verifiers share, as shapes for `checkedOptions`. */

/** A realm, which stands between quotes in a challenge: 1 to 128 of printable ASCII without `"` and `\`. */
export const REALM: z.ZodMiniString = /* @__PURE__ */ z
  .string()
  .check(z.minLength(1), z.maxLength(128), z.refine(isQuotable))

/** The name of a field or a cookie (RFC 9110 section 5.1, RFC 6265 section 4.1.1: a token both). */
export const TOKEN_NAME: z.ZodMiniString = /* @__PURE__ */ z.string().check(
  z.minLength(1),
  z.maxLength(128),
  z.refine((text) => tokenEnd(text, 0) === text.length),
)

/** How long a store may take: 1 ms to a minute, inclusive. */
export const TIMEOUT_MILLISECONDS: z.ZodMiniOptional<z.ZodMiniNumberFormat> =
  /* @__PURE__ */ z.optional(wholeNumber(1, 60_000))

/** Seconds since the epoch in a record. Milliseconds are refused: read as seconds, they would end in no lifetime. */
export const TIME: z.ZodMiniNumber = /* @__PURE__ */ z.number().check(z.refine(isTime))
