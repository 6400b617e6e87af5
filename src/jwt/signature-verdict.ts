/** What a signature says. A key that this runtime cannot import is as good as unknown. */
export type SignatureVerdict = 'valid' | 'signature_invalid' | 'key_unknown'
