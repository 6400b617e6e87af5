export { type RemoteJwkSetOptions, remoteJwkSet } from './remote-jwk-set.js'
