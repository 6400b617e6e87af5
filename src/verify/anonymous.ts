import { establishAnonymous } from '../principal/establish.js'
import type { AnonymousPrincipal } from '../principal/principal.js'

/** The principal of a request without a credential, on a route that accepts anyone. There is only one. */
export function anonymous(): AnonymousPrincipal {
  return ANONYMOUS
}

const ANONYMOUS = /* @__PURE__ */ establishAnonymous()
