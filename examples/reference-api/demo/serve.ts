/** `--serve`: leaves the API running, prints curl lines to try, and each decision as it falls. */
import { type Clock, type GateEvent, remoteJwkSet } from 'sallyport'
import type { RawRequest } from 'sallyport/testing'
import type { Served } from '../api.js'
import { createStage, type Framework, requestOf, serveOn } from './play.js'
import type { DemoStore } from './stores.js'
import { story } from './story.js'

export async function serve(
  framework: Framework,
  port: number,
  open: () => Promise<DemoStore>,
  print: (line: string) => void,
): Promise<Served> {
  const stage = await createStage(SYSTEM_CLOCK, open)
  // Asked again after five seconds, and not used when they are older, so that an outage can be seen.
  const keys = remoteJwkSet({
    url: stage.provider.jwksUrl,
    minAge: 1,
    maxAge: '5s',
    staleIfError: 0,
    cooldown: '1s',
  })
  const onEvent = (event: GateEvent) => print(sentenceOf(event))
  const served = await serveOn(framework, stage, keys, onEvent, port).catch(async (error) => {
    await stage.provider.close() // the port is taken: leave nothing behind that keeps us running
    throw error
  })

  print(`The reference API on ${framework}: ${served.origin}`)
  print('Tokens and keys were made just now; tokens live for one hour. Ctrl-C ends it.')
  for (const step of story().flatMap(({ steps }) => steps)) {
    if (!step.toTry) continue
    const { status, why } = step.expected
    print('')
    print(`# ${status} ${why}: ${step.method} ${step.path}, ${step.sent}`)
    print(curlOf(served.origin, await requestOf(step, stage)))
  }
  print('')
  print(
    '# 503 keys_unavailable: switch the identity provider off, wait 5 s, send a good JWT; then on',
  )
  print(`curl -X POST ${stage.provider.origin}/down`)
  print(`curl -X POST ${stage.provider.origin}/up`)
  print('')
  return {
    origin: served.origin,
    async close() {
      await Promise.all([served.close(), stage.provider.close()])
    },
  }
}

function curlOf(origin: string, { method, path, fields, body }: RawRequest): string {
  return [
    `curl -i${method === 'GET' ? '' : ` -X ${method}`} '${origin}${path}'`,
    ...fields.map(([name, value]) => `-H '${name}: ${value}'`),
    ...(body === undefined ? [] : [`-d '${body}'`]),
  ].join(' ')
}

function sentenceOf(event: GateEvent): string {
  const time = new Date(event.at * 1_000).toISOString().slice(11, 19)
  switch (event.kind) {
    case 'decided': {
      const last = event.trace.at(-1)?.step ?? ''
      const why = event.reason === null ? event.principal : `${event.reason} (step: ${last})`
      return `${time} ${event.method} ${event.outcome}: ${why}`
    }
    case 'leaked':
      return `${time} a credential has leaked (${event.where}), fingerprint ${event.fingerprint}: revoke it`
    case 'failed':
      return `${time} could not judge: ${event.reason}, ${String(event.cause)}`
    case 'verified':
      return `${time} ${event.verifier} proved ${event.principal.kind} ${event.principal.id}`
    case 'refused':
      return `${time} ${event.verifier} refused: ${event.reason}`
    case 'revocation_stale':
      return `${time} let in ${event.accepted} without knowing what was revoked lately`
    default:
      return `${time} ${event.verifier}: ${event.kind}`
  }
}

const SYSTEM_CLOCK: Clock = { now: () => Math.floor(Date.now() / 1_000) }
