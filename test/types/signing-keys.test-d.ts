import { createLifecycle, jwtBearer, type SigningKeys } from '../../src/index.js'
import { memoryStore } from '../../src/stores/memory.js'

declare const signingKeys: SigningKeys

const store = memoryStore()
const issuer = 'https://id.example.com'
const audience = 'https://api.example.com'
const algorithms = ['ES256'] as const

// Signing keys are for whoever issues, their published half for whoever verifies.
jwtBearer({ issuer, audience, algorithms, keys: signingKeys.published })
createLifecycle({ store, issuer, audience, accessTokens: { kind: 'jwt', keys: signingKeys } })

// @ts-expect-error private keys are nothing to verify with
jwtBearer({ issuer, audience, algorithms, keys: signingKeys })
createLifecycle({
  store,
  issuer,
  audience,
  // @ts-expect-error nothing is signed with public keys
  accessTokens: { kind: 'jwt', keys: signingKeys.published },
})
