import { expect, test } from 'vitest'
import {
  establishAnonymous,
  establishApplication,
  establishUser,
} from '../../src/principal/establish.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

const common = {
  issuer: 'https://id.example.com',
  grant: defineScopes({ resources: {} }).grant(''),
  credentialId: null,
  expiresAt: null,
}

test('an established principal names its kind and cannot be changed', () => {
  const user = establishUser({
    ...common,
    subject: 'alice',
    clientId: null,
    claims: {},
    authentication: { time: null, acr: null, amr: [] },
  })
  const application = establishApplication({ ...common, applicationId: 'robot' })
  const anonymous = establishAnonymous()
  expect([user.kind, application.kind, anonymous.kind]).toEqual([
    'user',
    'application',
    'anonymous',
  ])
  for (const principal of [user, application, anonymous]) {
    expect(() => Object.assign(principal, { kind: 'user', subject: 'root' })).toThrow(TypeError)
  }
})
