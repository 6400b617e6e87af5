export {
  type BreachedPasswordRangeOptions,
  breachedPasswordRange,
} from './breached-password-range.js'
export type {
  ClientAuthentication,
  ClientSecretAuthentication,
  PrivateKeyAuthentication,
} from './client-authentication.js'
export { type DiscoveredKeysOptions, discoveredKeys } from './discovered-keys.js'
export { type RemoteIntrospectionOptions, remoteIntrospection } from './remote-introspection.js'
export { type RemoteJwkSetOptions, remoteJwkSet } from './remote-jwk-set.js'
export type { KeySourceOptions } from './source-options.js'
