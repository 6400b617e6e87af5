/** Plays the story on one framework, over real sockets, one request after the other. */
import { type Clock, type GateEvent, type KeySource, remoteJwkSet } from 'sallyport'
import { createTestClock, type RawRequest, sendRaw, type TestClock } from 'sallyport/testing'
import type { Api, Served } from '../api.js'
import { createData } from '../data.js'
import { serveExpress } from '../express.js'
import { serveFastify } from '../fastify.js'
import { createApiGate, ISSUER } from '../gate.js'
import { serveHono } from '../hono.js'
import { type Answer, faultsOf, readAnswer } from './answer.js'
import { type Credentials, createCredentials, type Stores } from './credentials.js'
import { type IdentityProvider, startIdentityProvider } from './identity-provider.js'
import type { Cast } from './requests.js'
import type { Chapter, Step } from './story.js'

export const FRAMEWORKS = ['express', 'fastify', 'hono'] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** Everything around the API: who calls it, and who vouches for them. */
export interface Stage<Time extends Clock = Clock> extends Cast {
  readonly credentials: Credentials & Stores
  readonly provider: IdentityProvider
  readonly clock: Time
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
export function createDemoStage(): Promise<Stage<TestClock>> {
  return createStage(createTestClock(Math.floor(Date.now() / 1_000)))
}

export async function createStage<Time extends Clock>(clock: Time): Promise<Stage<Time>> {
  const [provider, credentials] = await Promise.all([
    startIdentityProvider(clock),
    createCredentials(clock),
  ])
  return { clock, provider, credentials }
}

/** Serves the API with data of its own. */
export function serveOn(
  framework: Framework,
  { credentials, clock }: Stage,
  keys: KeySource,
  onEvent: (event: GateEvent) => void,
  port?: number,
): Promise<Served> {
  const gate = createApiGate({ ...credentials, keys }, { clock, onEvent })
  const api: Api = { gate, data: createData(ISSUER) }
  switch (framework) {
    case 'express':
      return serveExpress(api, port)
    case 'fastify':
      return serveFastify(api, port)
    case 'hono':
      return serveHono(api, port)
  }
}

export async function play(
  framework: Framework,
  story: readonly Chapter[],
  stage: Stage<TestClock>,
): Promise<PlayedStory> {
  const events: GateEvent[] = []
  const keys = remoteJwkSet({ url: stage.provider.jwksUrl })
  const { origin, close } = await serveOn(framework, stage, keys, (event) => events.push(event))
  try {
    const chapters: PlayedChapter[] = []
    for (const { title, steps } of story) {
      const played: PlayedStep[] = []
      for (const step of steps) played.push(await playStep(step, origin, stage, events))
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
  const { fields, query, body } = await step.present(cast)
  return {
    method: step.method,
    path: query === undefined ? step.path : `${step.path}?${query}`,
    fields,
    ...(body === undefined ? {} : { body }),
  }
}

async function playStep(
  step: Step,
  origin: string,
  stage: Stage<TestClock>,
  events: GateEvent[],
): Promise<PlayedStep> {
  if (step.before !== undefined) {
    stage.clock.advance(step.before.secondsGoBy)
    stage.provider.isDown = step.before.providerIsDown
  }
  events.length = 0
  const response = await sendRaw(origin, await requestOf(step, stage))
  const answer = readAnswer(response, events)
  return { step, answer, faults: faultsOf(answer, step.expected, response) }
}
