import * as z from 'zod/mini'
import type { JsonObject } from './json.js'

/** An object of JSON values under texts, in options and in stored records. */
export const JSON_OBJECT: z.ZodMiniType<JsonObject> = /* @__PURE__ */ z.record(
  z.string(),
  z.json(),
) as z.ZodMiniType<JsonObject> // zod spells its type in another way
