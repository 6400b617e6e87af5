import { type Lineage, NO_LINEAGE } from './lineage.js'
import type { AnonymousPrincipal, ApplicationPrincipal, UserPrincipal } from './principal.js'

/**
 * The only place where a principal comes to be.
 *
 * INVARIANT: called by verifiers (and the test kit) after the credential has been verified, by nobody else. A test
 * walks the imports to keep it so.
 */
export function establishUser<Claims>(
  fields: FieldsOf<UserPrincipal<Claims>>,
): UserPrincipal<Claims> {
  // The brand exists in the types only; this line is the check that makes it true.
  return Object.freeze({ kind: 'user', lineage: NO_LINEAGE, ...fields }) as UserPrincipal<Claims>
}

/** As {@link establishUser}, for a program that acts for itself. */
export function establishApplication(fields: FieldsOf<ApplicationPrincipal>): ApplicationPrincipal {
  return Object.freeze({
    kind: 'application',
    lineage: NO_LINEAGE,
    ...fields,
  }) as ApplicationPrincipal
}

/** As {@link establishUser}, for a request without a credential. */
export function establishAnonymous(): AnonymousPrincipal {
  return Object.freeze({ kind: 'anonymous' }) as AnonymousPrincipal
}

/** What the caller supplies: everything but the brand and the kind. Without a lineage the credential has none. */
export type FieldsOf<Kind> = {
  readonly [Key in keyof Kind as Key extends string
    ? Exclude<Key, 'kind' | 'lineage'>
    : never]: Kind[Key]
} & { readonly lineage?: Lineage }
