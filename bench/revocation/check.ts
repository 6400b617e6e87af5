import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createGate } from '../../src/gate.js'
import { createRevocationMirror, type FeedMirror } from '../../src/lifecycle/revocation/mirror.js'
import { noticeText, type RevocationNotice } from '../../src/lifecycle/revocation/notice.js'
import { establishUser } from '../../src/principal/establish.js'
import { NO_EPOCHS } from '../../src/principal/lineage.js'
import type { UserPrincipal } from '../../src/principal/principal.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import { memoryStore } from '../../src/stores/memory.js'
import type { Verifier } from '../../src/verify/verifier.js'

const ISSUER = 'https://id.example.com'
const ENTRIES = 100_000
const CALLS = 100_000
const ROUNDS = 40
const KINDS = ['token', 'family', 'session', 'subject', 'client'] as const

/**
 * What a check costs with 100,000 live revocations of five kinds, for as many principals as a process may serve at a time,
 * none of them revoked; and what an entry takes. Nanoseconds: the least and the median of the rounds.
 */
export async function measureChecks(print: (line: string) => void): Promise<void> {
  const now = Math.floor(Date.now() / 1_000)
  const mirror = createRevocationMirror({ store: memoryStore(), issuer: ISSUER })
  await mirror.start()
  const before = heapBytes()
  for (let i = 0; i < ENTRIES; i += 1) {
    const notice: RevocationNotice = { kind: KINDS[i % KINDS.length] ?? 'token', id: anId() }
    mirror.apply({ text: noticeText(notice), version: 1, until: now + 900 })
  }
  const bytes = (heapBytes() - before) / ENTRIES
  print(`memory: ${bytes.toFixed(0)} bytes for each of ${ENTRIES} entries, ids of 36 characters\n`)
  print(
    '| principals | one Map.has | isRevoked | isRevoked + freshness | decide | decide, no mirror |',
  )
  print('| --- | --- | --- | --- | --- | --- |')
  for (const count of [32, 256, 1_024]) {
    const cells = await measure(mirror, Array.from({ length: count }, aUser))
    print(`| ${count} | ${cells.join(' | ')} |`)
  }
  mirror.stop()
}

async function measure(mirror: FeedMirror, users: readonly UserPrincipal[]): Promise<string[]> {
  const ids = new Map(Array.from({ length: ENTRIES / KINDS.length }, () => [anId(), 1]))
  const [guarded, bare] = [decider(users, mirror), decider(users, null)]
  const pick = (i: number) => users[i % users.length] as UserPrincipal // within its length
  let second = 0
  const contenders: readonly ((i: number) => unknown)[] = [
    (i) => ids.has(pick(i).subject),
    (i) => mirror.isRevoked(pick(i)),
    (i) => mirror.isRevoked(pick(i)) || mirror.freshness(second) !== 'current',
    guarded,
    bare,
  ]
  const times = contenders.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round += 1) {
    second += 1
    for (const [index, work] of contenders.entries()) {
      const start = process.hrtime.bigint()
      for (let i = 0; i < CALLS; i += 1) work(i)
      times[index]?.push(Number(process.hrtime.bigint() - start) / CALLS)
      await pause(1) // the mirror reads its feed
    }
  }
  return times.map((of) => {
    const sorted = of.slice(ROUNDS / 4).sort((a, b) => a - b)
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
    return `${(sorted[0] ?? Number.NaN).toFixed(0)} (${median.toFixed(0)})`
  })
}

/** Decides about a request of the i-th user, whose verifier costs nothing. */
function decider(
  users: readonly UserPrincipal[],
  revocation: FeedMirror | null,
): (i: number) => unknown {
  const answers = users.map((principal) => ({ kind: 'verified', principal }) as const)
  let next = 0
  const user: Verifier<UserPrincipal> = {
    recognises: { kind: 'bearer', format: 'opaque' },
    offer: { scheme: 'Bearer', parameters: {} },
    verify: () => answers[next % answers.length] ?? { kind: 'refused', reason: 'token_unknown' },
  }
  const gate = createGate({
    resource: 'https://api.example.com',
    verifiers: { user },
    ...(revocation === null ? {} : { revocation }),
  })
  const guard = gate.guard({ scopes: authenticated() })
  const view = {
    method: 'GET',
    url: '/',
    encrypted: true,
    remoteAddress: null,
    field: (name: string) => (name === 'authorization' ? 'Bearer abc' : null),
  }
  return (i) => {
    next = i
    return guard.decide(view, undefined)
  }
}

const grant = /* @__PURE__ */ defineScopes({ resources: {} }).grant('')

function aUser(): UserPrincipal {
  return establishUser({
    issuer: ISSUER,
    subject: anId(),
    clientId: 'web',
    grant,
    claims: {},
    authentication: { time: null, acr: null, amr: [] },
    credentialId: anId(),
    lineage: { keyId: 'k1', family: anId(), session: anId(), tenant: 'north', epochs: NO_EPOCHS },
    expiresAt: null,
  })
}

/** As a parser makes it: one flat string that nothing else refers to. */
function anId(): string {
  return Buffer.from(randomUUID()).toString('latin1')
}

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
