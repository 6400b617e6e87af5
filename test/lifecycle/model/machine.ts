/** What the model steps: the source itself, bundled by `load-machine.ts`, whole or with one guard taken out. */
export {
  findOpaqueToken,
  insertOpaqueToken,
} from '../../../src/lifecycle/access-token/opaque-access-tokens.js'
export { createCode, exchangeCode } from '../../../src/lifecycle/code/code-steps.js'
export { endFamily } from '../../../src/lifecycle/family/end-family.js'
export {
  beginFamily,
  isRevocable,
  refreshFamily,
} from '../../../src/lifecycle/family/family-steps.js'
export {
  formatRefreshToken,
  parseRefreshToken,
} from '../../../src/lifecycle/family/refresh-token.js'
export { createLifecycle } from '../../../src/lifecycle/lifecycle.js'
export { hashOpaqueToken } from '../../../src/lifecycle/opaque-token.js'
export { randomId } from '../../../src/lifecycle/random-text.js'
export { isOutdated, raiseEpoch, readEpochs } from '../../../src/lifecycle/revocation/epochs.js'
export { compromiseKey, turnRing } from '../../../src/lifecycle/signing-keys/key-ring-steps.js'
export { ask } from '../../../src/lifecycle/store/steps.js'
export { sha256Base64url } from '../../../src/runtime/sha256.js'
export { memoryStore } from '../../../src/stores/memory.js'
