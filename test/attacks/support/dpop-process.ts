/** An API in a process of its own that takes each DPoP proof once, together with others on the same Redis. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { protect } from '../../../src/adapters/hono.js'
import { createGate } from '../../../src/gate.js'
import { storedReplays } from '../../../src/lifecycle/replay/stored-replays.js'
import { authenticated } from '../../../src/scope/requirement.js'
import { redisStore } from '../../../src/stores/redis.js'
import type { TestIssuer } from '../../../src/testing/test-issuer.js'
import { jwtBearer } from '../../../src/verify/jwt-bearer.js'
import { senderConstraint } from '../../../src/verify/sender-constraint.js'
import { REDIS_CLIENTS, type RedisAddress } from '../../support/redis.js'

export interface DpopProcessSetup {
  readonly at: RedisAddress
  readonly prefix: string
  readonly trust: TestIssuer['trust']
}

process.once('message', async ({ at, prefix, trust }: DpopProcessSetup) => {
  const { command } = await REDIS_CLIENTS['node-redis'](at)
  const replay = storedReplays(redisStore(command, { prefix }))
  const gate = createGate({
    resource: trust.audience,
    proxy: { addresses: ['127.0.0.1'] },
    verifiers: {
      user: jwtBearer({ ...trust, senderConstraint: senderConstraint({ dpop: { replay } }) }),
    },
  })
  const app = new Hono()
  app.get('/strict', protect(gate, { scopes: authenticated() }), (context) => context.text('in'))
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.(port))
})
