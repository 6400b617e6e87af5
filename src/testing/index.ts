/** `sallyport/testing`: test your routes through the real verifiers, without a network. */
export {
  type ContractApplication,
  type ContractCase,
  type ContractRoute,
  type ContractRule,
  createAdapterContract,
  ruleFor,
  type ServedApplication,
} from './adapter-contract.js'
export { createDpopContract } from './dpop-contract.js'
export {
  type ClientUse,
  expectLeastPrivilege,
  type LeastPrivilege,
} from './expect-least-privilege.js'
export { createLimiterContract, type LimiterCase } from './limiter-contract.js'
export { createReplayStoreContract, type ReplayStoreCase } from './replay-store-contract.js'
export { aRequest, fieldsOf, type TestCredential } from './requests.js'
export { type RawRequest, type RawResponse, sendRaw } from './send.js'
export { createStoreContract, type StoreCase } from './store-contract.js'
export { createTestClock, type TestClock } from './test-clock.js'
export {
  createTestIssuer,
  type HostileToken,
  type TestIssuer,
  type TokenOptions,
} from './test-issuer.js'
export { createTestProver, type ProofOptions, type TestProver } from './test-prover.js'
