// workerd: the same, in answer to a request.
import { conformance } from './conformance.mjs'

export default {
  fetch: async () => Response.json(await conformance()),
}
