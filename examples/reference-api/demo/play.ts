/** Plays the story on one framework, over real sockets, one request after the other. */
import { type Clock, type GateEvent, type KeySource, Redacted, remoteJwkSet } from 'sallyport'
import { createTestClock, type RawRequest, sendRaw, type TestClock } from 'sallyport/testing'
import { createAccounts } from '../accounts.js'
import type { Api, Served } from '../api.js'
import { createData } from '../data.js'
import { serveExpress } from '../express.js'
import { serveFastify } from '../fastify.js'
import { ACCOUNTS_ISSUER, createApiGate, ISSUER } from '../gate.js'
import { serveHono } from '../hono.js'
import { type Answer, faultsOf, readAnswer } from './answer.js'
import { type Credentials, createCredentials, type Stores } from './credentials.js'
import { type IdentityProvider, startIdentityProvider } from './identity-provider.js'
import type { Cast, Remembered } from './requests.js'
import { type DemoStore, openMemory } from './stores.js'
import type { Chapter, Step } from './story.js'

export const FRAMEWORKS = ['express', 'fastify', 'hono'] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** Everything around the API: who calls it, and who vouches for them. */
export interface Stage<Time extends Clock = Clock> extends Cast {
  readonly credentials: Credentials & Stores
  readonly provider: IdentityProvider
  readonly clock: Time
  /** Where the lifecycle of the tokens that we issue is kept. */
  readonly open: () => Promise<DemoStore>
}

export interface PlayedStep {
  readonly step: Step
  readonly answer: Answer
  /** Where the answer is not the expected one; empty if it is. */
  readonly faults: readonly string[]
}

export interface PlayedChapter {
  readonly title: string
  readonly steps: readonly PlayedStep[]
}

export interface PlayedStory {
  readonly framework: Framework
  readonly origin: string
  readonly chapters: readonly PlayedChapter[]
}

/** A stage whose clock the story can move: ten minutes pass in no time. */
export function createDemoStage(open?: Stage['open']): Promise<Stage<TestClock>> {
  return createStage(createTestClock(Math.floor(Date.now() / 1_000)), open)
}

export async function createStage<Time extends Clock>(
  clock: Time,
  open: Stage['open'] = openMemory,
): Promise<Stage<Time>> {
  const [provider, credentials] = await Promise.all([
    startIdentityProvider(clock),
    createCredentials(clock),
  ])
  return { clock, provider, credentials, open, memory: new Map<string, Remembered>() }
}

/** Serves the API with data and accounts of its own. */
export async function serveOn(
  framework: Framework,
  { credentials, clock, open }: Stage,
  keys: KeySource,
  onEvent: (event: GateEvent) => void,
  port?: number,
): Promise<Served & { clockHasLeapt(): Promise<void> }> {
  const { store, close } = await open()
  const { users } = credentials
  const keyEncryptionKey = new Redacted(crypto.getRandomValues(new Uint8Array(32)))
  const accounts = await createAccounts({ store, keyEncryptionKey, users, clock })
  const data = createData(ISSUER)
  const sources = {
    ...credentials,
    keys,
    accounts: { ...accounts, issuer: ACCOUNTS_ISSUER },
    directory: data.directory,
  }
  const gate = createApiGate(sources, { clock, onEvent })
  const leave = async (): Promise<void> => {
    accounts.close()
    await close()
  }
  const api: Api = { gate, data, accounts }
  const served = await SERVERS[framework](api, port).catch(async (error) => {
    await leave() // the port is taken: leave nothing behind that keeps us running
    throw error
  })
  return {
    origin: served.origin,
    clockHasLeapt: () => accounts.catchUp(),
    async close() {
      await served.close()
      await leave()
    },
  }
}

const SERVERS = { express: serveExpress, fastify: serveFastify, hono: serveHono }

export async function play(
  framework: Framework,
  story: readonly Chapter[],
  stage: Stage<TestClock>,
): Promise<PlayedStory> {
  const events: GateEvent[] = []
  const keys = remoteJwkSet({ url: stage.provider.jwksUrl })
  const { origin, close, clockHasLeapt } = await serveOn(framework, stage, keys, (event) =>
    events.push(event),
  )
  try {
    const chapters: PlayedChapter[] = []
    for (const { title, steps } of story) {
      const played: PlayedStep[] = []
      for (const step of steps)
        played.push(await playStep(step, { origin, clockHasLeapt }, stage, events))
      chapters.push({ title, steps: played })
    }
    return { framework, origin, chapters }
  } finally {
    stage.provider.isDown = false
    await close()
  }
}

/** The request of a step as it goes over the wire, with its credential made at this moment. */
export async function requestOf(step: Step, cast: Cast): Promise<RawRequest> {
  const { fields, query, body, path = step.path } = await step.present(cast)
  return {
    method: step.method,
    path: query === undefined ? path : `${path}?${query}`,
    fields,
    ...(body === undefined ? {} : { body }),
  }
}

async function playStep(
  step: Step,
  { origin, clockHasLeapt }: { readonly origin: string; clockHasLeapt(): Promise<void> },
  stage: Stage<TestClock>,
  events: GateEvent[],
): Promise<PlayedStep> {
  if (step.before !== undefined) {
    stage.clock.advance(step.before.secondsGoBy)
    stage.provider.isDown = step.before.providerIsDown
    await clockHasLeapt()
  }
  events.length = 0
  const response = await sendRaw(origin, await requestOf(step, stage))
  if (step.remember !== undefined)
    stage.memory.set(step.remember, JSON.parse(response.body || '{}'))
  const answer = readAnswer(response, events)
  return { step, answer, faults: faultsOf(answer, step.expected, response) }
}
