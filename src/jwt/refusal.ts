/** Why a JWT was refused. One code per rule, in the order in which the rules are applied. */
export type JwtRefusal =
  | 'token_too_large'
  | 'token_malformed' // not three canonical base64url segments, or not strict JSON objects inside
  | 'token_type' // `typ` is not the expected kind
  | 'critical_header' // `crit` or `b64`: extensions we do not understand
  | 'algorithm_not_allowed'
  | 'key_unknown'
  | 'signature_invalid'
  | 'claim_missing'
  | 'claim_malformed' // a registered claim of the wrong type
  | 'issuer_mismatch'
  | 'audience_mismatch'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_from_future'
  | 'lifetime_too_long'
