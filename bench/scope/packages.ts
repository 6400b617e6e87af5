import { importPeer } from '../compare/packages.js'

/** The peers of the scope check, with what is used of them. `bench/peers` has them; cedar is the repository's own. */
export interface ScopePeers {
  readonly casl: Casl
  readonly betterAuth: BetterAuth
  readonly accesscontrol: AccessControlModule
  readonly casbin: Casbin
}

/** Loads one of them. Rejects if it is not installed. */
export function loadScopePeer<Name extends keyof ScopePeers>(
  name: Name,
): Promise<ScopePeers[Name]> {
  return importPeer(SPECIFIERS[name])
}

const SPECIFIERS: Readonly<Record<keyof ScopePeers, string>> = {
  casl: '@casl/ability',
  betterAuth: 'better-auth/plugins/access',
  accesscontrol: 'accesscontrol',
  casbin: 'casbin',
}

/** What is used of @casl/ability 7. */
interface Casl {
  createMongoAbility(rules: readonly CaslRule[]): {
    can(action: string, subject: string | object): boolean
  }
  subject<Value extends object>(type: string, value: Value): Value
}

export interface CaslRule {
  readonly action: string | readonly string[]
  readonly subject: string
  readonly conditions?: Readonly<Record<string, unknown>>
  readonly inverted?: boolean
}

/** What is used of better-auth 1. */
interface BetterAuth {
  role(statements: Readonly<Record<string, readonly string[]>>): {
    authorize(request: Readonly<Record<string, readonly string[]>>): { readonly success: boolean }
  }
}

/** What is used of accesscontrol 3. */
interface AccessControlModule {
  readonly AccessControl: new (
    grants: AccessControlGrants,
  ) => {
    can(role: string): { do(action: string, resource: string): { readonly granted: boolean } }
  }
}

/** By role, resource and action. */
export type AccessControlGrants = Readonly<
  Record<
    string,
    Readonly<Record<string, Readonly<Record<string, readonly { readonly possession: 'any' }[]>>>>
  >
>

/** What is used of casbin 5. */
interface Casbin {
  newModelFromString(text: string): object
  readonly StringAdapter: new (policies: string) => object
  newEnforcer(
    model: object,
    adapter: object,
  ): Promise<{
    enforceSync(subject: string, object: string, action: string): boolean
  }>
}
