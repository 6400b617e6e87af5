export { type DiscoveredKeysOptions, discoveredKeys } from './discovered-keys.js'
export { type RemoteJwkSetOptions, remoteJwkSet } from './remote-jwk-set.js'
export type { KeySourceOptions } from './source-options.js'
