import { beforeAll, describe, expect, it } from 'vitest'
import { createData } from '../../examples/reference-api/data.js'
import type { Expected } from '../../examples/reference-api/demo/answer.js'
import { demo } from '../../examples/reference-api/demo/main.js'
import {
  createDemoStage,
  FRAMEWORKS,
  type PlayedStep,
  play,
} from '../../examples/reference-api/demo/play.js'
import { type Step, story } from '../../examples/reference-api/demo/story.js'
import { createRules } from '../../examples/reference-api/rules.js'
import { aTerminal } from './terminal.js'

const steps = story().flatMap((chapter) => chapter.steps)

describe.each(FRAMEWORKS)('the story on %s', (framework) => {
  let played: readonly PlayedStep[] = []

  beforeAll(async () => {
    const stage = await createDemoStage()
    try {
      const { chapters } = await play(framework, story(), stage)
      played = chapters.flatMap((chapter) => chapter.steps)
    } finally {
      await stage.provider.close()
    }
  }, 60_000)

  for (const [index, step] of steps.entries()) {
    it(sentenceOf(step), () => {
      expect(played[index]?.faults).toEqual([])
    })
  }
})

describe('the story', () => {
  it('asks about every rule of the table', () => {
    const asked = new Set(steps.map(({ method, path }) => `${method} ${path}`))
    const rules = Object.keys(createRules(createData('https://id.example.com'), () => ''))
    const unasked = rules.filter((route) => {
      const [start = '', end] = route.split(':id')
      const isIt = (one: string) => (end === undefined ? one === route : one.startsWith(start))
      return ![...asked].some(isIt)
    })
    expect(unasked).toEqual([])
  })

  it('has every outcome that a gate without step-up can give', () => {
    const kinds = new Set(steps.map(({ expected }) => `${expected.status} ${expected.error}`))
    expect([...kinds].sort()).toEqual([
      '200 null',
      '201 null',
      '204 null',
      '400 invalid_request',
      '400 null',
      '401 invalid_token',
      '401 null',
      '403 insufficient_scope',
      '403 null',
      '404 null',
      '429 null',
      '503 null',
    ])
  })
})

const HONO = { framework: 'hono', store: 'memory' } as const

describe('the demo', () => {
  const right = find('GET', '/users', 'nothing')
  const leaky = find('GET', '/users', 'token in the URL')
  const preflight = find('OPTIONS', '/users/bob', 'CORS preflight')

  it('succeeds if every answer is the expected one, and says so at the end', async () => {
    const terminal = aTerminal()
    expect(await demo([HONO], [{ title: 'One', steps: [right] }], terminal)).toBe(0)
    expect(terminal.printed.at(-1)).toBe('1 of 1 answers as expected on hono')
  })

  const planted: readonly Step[] = [
    planting(right, { status: 403 }),
    planting(right, { challenges: ['Bearer scope=users:write'] }),
    planting(right, { challenges: [] }),
    planting(right, { error: 'invalid_token' }),
    planting(right, { why: 'token_expired' }),
    planting(leaky, { leaked: false }),
    planting(right, { retryAfter: '30' }),
    planting(right, { body: 'Welcome' }),
    planting(preflight, { fields: { 'access-control-allow-origin': '*' } }),
  ]

  it('fails on each kind of wrong answer, and says what was wrong', {
    timeout: 60_000,
  }, async () => {
    const terminal = aTerminal()
    const chapter = { title: 'Planted', steps: planted }
    expect(await demo([HONO], [chapter], terminal)).toBe(1)
    expect(terminal.printed.filter((line) => line.startsWith('FAIL'))).toHaveLength(planted.length)
    expect(terminal.printed.filter((line) => line.includes(': expected '))).toHaveLength(
      planted.length,
    )
    expect(terminal.printed.join('\n')).toContain('body: expected Welcome in {')
    expect(terminal.printed.at(-1)).toBe(`0 of ${planted.length} answers as expected on hono`)
  })

  it('fails if one answer of many is wrong', async () => {
    const terminal = aTerminal()
    const chapter = { title: 'Mixed', steps: [right, planting(right, { status: 200 }), right] }
    expect(await demo([HONO, { framework: 'express', store: 'memory' }], [chapter], terminal)).toBe(
      1,
    )
    expect(terminal.printed.at(-1)).toBe('4 of 6 answers as expected on hono, express')
  })

  it('prints a table of at most 120 columns, with colours only where they are wanted', async () => {
    const wide = { ...right, sent: `nothing ${'at all '.repeat(30)}${'a'.repeat(100)}` }
    const chapters = [{ title: 'Wide', steps: [wide, planting(right, { status: 200 })] }]
    const [plain, coloured] = [aTerminal(), { ...aTerminal(), colours: true }]
    await demo([HONO], chapters, plain)
    await demo([HONO], chapters, coloured)
    expect(plain.printed.filter((line) => line.length > 120)).toEqual([])
    expect(plain.printed.join('').includes('\u001b')).toBe(false)
    expect(coloured.printed.join('').includes('\u001b[31m')).toBe(true)
  })

  it('does not put a credential into the table', async () => {
    const terminal = aTerminal()
    await demo([HONO], [{ title: 'Leaks', steps: [leaky] }], terminal)
    expect(terminal.printed.join('\n')).not.toContain('eyJ')
  })
})

function find(method: string, path: string, sent: string): Step {
  const step = steps.find((one) => one.method === method && one.path === path && one.sent === sent)
  if (step === undefined) throw new Error(`The story has no ${method} ${path}, ${sent}.`)
  return step
}

function planting(step: Step, wrong: Partial<Expected>): Step {
  return { ...step, expected: { ...step.expected, ...wrong } }
}

function sentenceOf({ method, path, sent, expected }: Step): string {
  return `${method} ${path}, ${sent}, is answered ${expected.status} (${expected.why})`
}
