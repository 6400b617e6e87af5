/** The part of oidc-provider that the tests use; its published types would bring a dozen packages along. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  interface Model {
    save(): Promise<string>
    destroy(): Promise<void>
  }

  export class Provider {
    constructor(issuer: string, configuration: object)
    callback(): RequestListener
    readonly AccessToken: new (
      members: object,
    ) => Model
    readonly Grant: new (
      members: object,
    ) => Model
    readonly Client: { find(id: string): Promise<object | undefined> }
  }
}
