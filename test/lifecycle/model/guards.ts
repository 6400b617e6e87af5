/** Each guard of the machine, and what the source is without it. The text must stand in its file exactly once. */
import type { Edit } from './load-machine.js'

export const GUARDS: Readonly<Record<string, Edit>> = {
  'the version check of a swap': {
    file: 'stores/memory.ts',
    from: 'if (held?.version !== version) return',
    to: 'if (held === undefined) return',
  },
  'the absence check of an insert': {
    file: 'stores/memory.ts',
    from: 'if (held !== undefined && !hasRunOut(held.expiresAt, options.now)) return false',
    to: '',
  },
  'the look at what a swap has answered': {
    file: 'lifecycle/family/family-steps.ts',
    from: "if (answer.kind === 'swapped') {\n      return { kind: 'refreshed', how, family: next",
    to: "{\n      return { kind: 'refreshed', how, family: next",
  },
  'the second look after a lost swap': {
    file: 'lifecycle/family/family-steps.ts',
    from: '    // Somebody else was faster. What this token is now shows in what they wrote.\n    record = answer.current',
    to: "    return refused('refresh_token_reused', authorization)",
  },
  'the tag': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: "if (!isAuthentic(token, keys)) return refused('refresh_token_forged')",
    to: '',
  },
  'the client check before a family ends': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: "if (family.authorization.client.id !== clientId) return refused('client_mismatch')",
    to: '',
  },
  'the key check before a family ends': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: "if (!isBoundTo(family, confirmation)) return refused('binding_mismatch')",
    to: '',
  },
  'the ends of a family': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: "if (now >= family.idleUntil || now >= family.absoluteUntil) return refused('family_expired')",
    to: '',
  },
  'the bound of the grace': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'bounds.graceSeconds > 0 && since <= bounds.graceSeconds',
    to: 'bounds.graceSeconds > 0',
  },
  'the bound of the grace for a clock that was put back': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'Math.abs(now - refreshedAt)',
    to: 'now - refreshedAt',
  },
  'the grace itself': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'bounds.graceSeconds > 0 && since <= bounds.graceSeconds',
    to: 'false',
  },
  'no grace where none is configured': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'bounds.graceSeconds > 0 && since',
    to: 'since',
  },
  'the last generation alone in the grace': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'token.generation === generation - 1 && previous?.hash === hash',
    to: 'previous !== null && token.generation < generation',
  },
  'the hash of the current secret': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'token.generation === generation && hash === currentHash',
    to: 'token.generation === generation',
  },
  'the hash of the previous secret': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: ' && previous?.hash === hash',
    to: ' && previous !== null',
  },
  'the end after a reuse': {
    file: 'lifecycle/family/family-steps.ts',
    from: 'yield* endAfterReuse(token.family, authorization, settings, now)',
    to: '',
  },
  'how much ends after a reuse': {
    file: 'lifecycle/family/family-steps.ts',
    from: "if (settings.onReuse === 'session') {",
    to: 'if (false) {',
  },
  'a pepper for what the store has forgotten': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: "return keys.pepper === null\n      ? refused('store_rolled_back')\n      : rotated(",
    to: 'return rotated(',
  },
  'the salt of a successor': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: "return { kind: 'replay', token: successorOf(token, previous.salt, keys) }",
    to: "return { kind: 'replay', token: successorOf(token, salt, keys) }",
  },
  'no more than was allowed': {
    file: 'lifecycle/family/family-steps.ts',
    from: 'if (excess !== null) return refused(excess, authorization)',
    to: '',
  },
  'the counters at a refresh': {
    file: 'lifecycle/family/family-steps.ts',
    from: "if (isOutdated(authorization.epochs, authorization.session, current)) {\n      return refused('family_outdated', authorization)\n    }",
    to: '',
  },
  'the counters at an exchange': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (isOutdated(authorization.epochs, authorization.session, current)) {\n      return refused('code_outdated')\n    }",
    to: '',
  },
  'the capture of the counters': {
    file: 'lifecycle/revocation/epochs.ts',
    from: 'counts[name] = record?.version ?? 0',
    to: 'counts[name] = 0',
  },
  'the comparison of the counters': {
    file: 'lifecycle/revocation/epochs.ts',
    from: 'if (captured[name] >= counts[name]) return false',
    to: 'if (captured[name] + 1 >= counts[name]) return false',
  },
  'whose session is kept': {
    file: 'lifecycle/revocation/epochs.ts',
    from: 'id === session && captured >= from',
    to: 'captured >= from',
  },
  'from when on a session is kept': {
    file: 'lifecycle/revocation/epochs.ts',
    from: 'before.get(session) ?? current?.version ?? 0',
    to: 'before.get(session) ?? 0',
  },
  'the tombstone of a family that has not begun': {
    file: 'lifecycle/family/end-family.ts',
    from: 'if (record === null) {\n      // INVARIANT',
    to: 'if (record === null) {\n      return false\n      // INVARIANT',
  },
  'the second look at a family that was to end': {
    file: 'lifecycle/family/end-family.ts',
    from: "if (answer.kind === 'swapped') return true\n    record = answer.current",
    to: 'return true',
  },
  'the notice of an end': {
    file: 'lifecycle/family/end-family.ts',
    from: 'yield* cas(key, record.version, value, { now, expiresAt, notice })',
    to: 'yield* cas(key, record.version, value, { now, expiresAt })',
  },
  'the absolute end': {
    file: 'lifecycle/family/judge-refresh.ts',
    from: 'return Math.min(now + idleSeconds, family.absoluteUntil)',
    to: 'return now + idleSeconds',
  },
  'a record for as long as its tokens': {
    file: 'lifecycle/family/end-family.ts',
    from: 'return absoluteUntil + accessTokenSeconds',
    to: 'return absoluteUntil',
  },
  'a code is used once': {
    file: 'lifecycle/code/code-steps.ts',
    from: "    if (code.status === 'used') {\n      yield*",
    to: '    if (false) {\n      yield*',
  },
  'the end of what a replayed code has brought': {
    file: 'lifecycle/code/code-steps.ts',
    from: "yield* endFamily(familyId, 'code_replayed', settings, now)",
    to: '',
  },
  'the look at what the swap of a code has answered': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (answer.kind === 'swapped') {\n      const bound",
    to: '{\n      const bound',
  },
  'the client check before a code is used': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (authorization.client.id !== presented.clientId) return refused('code_mismatch')",
    to: '',
  },
  'the verifier before a code is used': {
    file: 'lifecycle/code/code-steps.ts',
    from: 'if (!isVerified(presented.verifier, binding.challenge)) {',
    to: 'if (false) {',
  },
  'the redirect URI before a code is used': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (binding.redirectUri !== presented.redirectUri) return refused('code_mismatch')",
    to: '',
  },
  'the key check before a code is used': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (!isOfSameKey(authorization, confirmation)) return refused('code_mismatch')",
    to: '',
  },
  'the bound on wrong verifiers': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (code.failures >= MAX_FAILURES) return refused('code_burnt')",
    to: '',
  },
  'the expiry of a code': {
    file: 'lifecycle/code/code-steps.ts',
    from: "if (now >= code.expiresAt) return refused('code_expired')",
    to: '',
  },
  'the client check of a revocation': {
    file: 'lifecycle/family/family-steps.ts',
    from: "if (family.status === 'dead' || family.authorization.client.id !== clientId) return false",
    to: "if (family.status === 'dead') return false",
  },
  'the tag at a revocation': {
    file: 'lifecycle/family/family-steps.ts',
    from: 'return isAuthentic(token, keysOf(family, settings)) && isBoundTo(family, confirmation)',
    to: 'return isBoundTo(family, confirmation)',
  },
  'the counters at the use of an access token': {
    file: 'lifecycle/access-token/opaque-access-tokens.ts',
    from: 'if (isOutdated(epochs, session, current)) return null',
    to: '',
  },
  'the family at the use of an access token': {
    file: 'lifecycle/access-token/opaque-access-tokens.ts',
    from: "if (state?.status !== 'live') return null",
    to: '',
  },
  'a compromised key leaves the ring': {
    file: 'lifecycle/signing-keys/key-ring-steps.ts',
    from: 'return rest ?? ring',
    to: 'return ring',
  },
  'the look at what the swap of a ring has answered': {
    file: 'lifecycle/signing-keys/key-ring-steps.ts',
    from: "if (answer.kind === 'swapped') return { version: answer.version, text, ring }",
    to: 'return { version: record.version + 1, text, ring }',
  },
}

/** Guards of what the operations are joined to: the histories miss them, which run whole lifecycles. */
export const FACADE_GUARDS: Readonly<Record<string, Edit>> = {
  'what a login captures': {
    file: 'lifecycle/grant.ts',
    from: 'Object.freeze({ ...owners, epochs })',
    to: 'Object.freeze({ ...owners, epochs: { everything: 99, tenant: 99, client: 99, subject: 99, session: 99 } })',
  },
  'that it is captured before the user is proven': {
    file: 'lifecycle/issuing.ts',
    from: `const authorization = check(now)
        const stale = await isStale(authorization)
        if (stale !== false) return stale === true ? OUTDATED : stale
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const familyId`,
    to: `const checked = check(now)
        const read = await desk.perform(readEpochs({ ...checked, client: checked.client.id }))
        if (read.kind === 'unavailable') return read
        const authorization = { ...checked, epochs: read.result.counts }
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const familyId`,
  },
  'the look at the counters before tokens are handed out': {
    file: 'lifecycle/issuing.ts',
    from: `if (stale !== false) return stale === true ? OUTDATED : stale
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const familyId`,
    to: `const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const familyId`,
  },
  'an access token ends with its family': {
    file: 'lifecycle/issue.ts',
    from: 'absoluteUntil === null ? expiresAt : Math.min(expiresAt, absoluteUntil)',
    to: 'expiresAt',
  },
  'that a revocation which has failed says so': {
    file: 'lifecycle/desk.ts',
    from: 'if (isUnavailable(result)) throw new UnavailableError(operation, result.cause)',
    to: '',
  },
}
