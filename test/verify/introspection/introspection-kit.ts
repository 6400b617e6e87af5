import type {
  IntrospectionAnswer,
  IntrospectionQuestion,
  IntrospectionSource,
} from '../../../src/verify/introspection/introspection-source.js'
import { NOW } from '../verifier-kit.js'

export const ISSUER = 'https://id.example.com'
export const AUDIENCE = 'https://api.example.com'

/** The members of an answer that a verifier for {@link AUDIENCE} takes for alice. */
export function anAnswer(members: Readonly<Record<string, unknown>> = {}) {
  return {
    active: true,
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'alice',
    client_id: 'web',
    scope: 'jobs:run',
    token_type: 'Bearer',
    iat: NOW - 60,
    exp: NOW + 600,
    ...members,
  }
}

export function active(members: Readonly<Record<string, unknown>> = {}): IntrospectionAnswer {
  return { kind: 'active', claims: anAnswer(members) }
}

export const inactive: IntrospectionAnswer = { kind: 'inactive' }

export function down(cause: unknown = new Error('down')): IntrospectionAnswer {
  return { kind: 'unavailable', concerns: 'server', cause }
}

/** A source that answers as it is told and counts the questions; a test can hold its answers back. */
export function aSource(
  answer: (question: IntrospectionQuestion) => unknown = () => active(),
): IntrospectionSource & { readonly asked: string[]; readonly underWay: () => number } {
  const asked: string[] = []
  let underWay = 0
  return {
    issuer: ISSUER,
    asked,
    underWay: () => underWay,
    async introspect(question) {
      asked.push(question.token.reveal())
      underWay++
      try {
        // Sources of every sort are what is tested.
        return (await answer(question)) as IntrospectionAnswer
      } finally {
        underWay--
      }
    },
  }
}

/** A promise that a test keeps when it likes. */
export function aPromise<Value>(): {
  readonly promise: Promise<Value>
  readonly keep: (value: Value) => void
} {
  let keep: (value: Value) => void = () => {}
  const promise = new Promise<Value>((resolve) => {
    keep = resolve
  })
  return { promise, keep }
}
