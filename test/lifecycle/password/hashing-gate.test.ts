import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { createHashingGate } from '../../../src/lifecycle/password/hashing-gate.js'

/** Jobs that end when told to, and what the gate has done with them. */
function someJobs() {
  const started: number[] = []
  const ends = new Map<number, { done: () => void; fail: (reason: Error) => void }>()
  return {
    started,
    job: (id: number) => () =>
      new Promise<number>((resolve, reject) => {
        started.push(id)
        ends.set(id, { done: () => resolve(id), fail: reject })
      }),
    async end(id: number) {
      ends.get(id)?.done()
      await settled()
    },
    async fail(id: number) {
      ends.get(id)?.fail(new Error(`job ${id}`))
      await settled()
    },
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('a hashing gate', () => {
  test('gives the value of a job', async () => {
    expect(await createHashingGate().run(async () => 'value')).toEqual({
      kind: 'done',
      value: 'value',
    })
  })

  test('lets one job run by default, 64 wait, and turns away the 66th', async () => {
    const gate = createHashingGate()
    const jobs = someJobs()
    const runs = Array.from({ length: 65 }, (_, id) => gate.run(jobs.job(id)))
    await settled()
    expect(jobs.started).toEqual([0])
    expect(await gate.run(jobs.job(65))).toEqual({ kind: 'busy' })
    for (let id = 0; id < 65; id++) await jobs.end(id)
    expect(await Promise.all(runs)).toHaveLength(65)
    expect(jobs.started).toEqual(Array.from({ length: 65 }, (_, id) => id))
  })

  test('is free again when a job has ended', async () => {
    const gate = createHashingGate({ concurrent: 1, queued: 0 })
    const jobs = someJobs()
    const first = gate.run(jobs.job(1))
    expect(await gate.run(jobs.job(2))).toEqual({ kind: 'busy' })
    await jobs.end(1)
    await first
    const third = gate.run(jobs.job(3))
    await jobs.end(3)
    expect(await third).toEqual({ kind: 'done', value: 3 })
    expect(jobs.started).toEqual([1, 3])
  })

  test('a job that fails makes room as well, also for those who wait', async () => {
    const gate = createHashingGate({ concurrent: 1, queued: 1 })
    const jobs = someJobs()
    const first = gate.run(jobs.job(1))
    const second = gate.run(jobs.job(2))
    const rejection = expect(first).rejects.toThrow('job 1')
    await jobs.fail(1)
    await rejection
    await jobs.end(2)
    expect(await second).toEqual({ kind: 'done', value: 2 })
  })

  test('so does one that throws before it returns a promise', async () => {
    const gate = createHashingGate({ concurrent: 1, queued: 0 })
    const throws = (): Promise<never> => {
      throw new Error('at once')
    }
    await expect(gate.run(throws)).rejects.toThrow('at once')
    expect(await gate.run(async () => 1)).toEqual({ kind: 'done', value: 1 })
  })

  test('whoever waits is told when the time is up, also behind a job that never ends', async () => {
    vi.useFakeTimers()
    try {
      const gate = createHashingGate({ waitMilliseconds: 100 })
      const jobs = someJobs()
      const first = gate.run(jobs.job(1))
      const told: string[] = []
      const waits = [2, 3].map((id) => gate.run(jobs.job(id)).then(({ kind }) => told.push(kind)))
      await vi.advanceTimersByTimeAsync(100)
      expect(told).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(told).toEqual(['busy', 'busy'])
      await Promise.all(waits)
      await jobs.end(1)
      expect(await first).toEqual({ kind: 'done', value: 1 })
      // The places of both are free, and who comes next has its turn.
      const next = gate.run(jobs.job(4))
      await jobs.end(4)
      expect(await next).toEqual({ kind: 'done', value: 4 })
      expect(jobs.started).toEqual([1, 4])
    } finally {
      vi.useRealTimers()
    }
  })

  test('nobody who had a turn is told later that the time is up', async () => {
    vi.useFakeTimers()
    try {
      const gate = createHashingGate({ queued: 1, waitMilliseconds: 100 })
      const jobs = someJobs()
      const first = gate.run(jobs.job(1))
      const second = gate.run(jobs.job(2))
      await jobs.end(1)
      expect(await first).toEqual({ kind: 'done', value: 1 })
      const third = gate.run(jobs.job(3))
      expect(vi.getTimerCount()).toBe(1)
      await vi.advanceTimersByTimeAsync(99)
      await jobs.end(2)
      await jobs.end(3)
      expect(await second).toEqual({ kind: 'done', value: 2 })
      expect(await third).toEqual({ kind: 'done', value: 3 })
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    { concurrent: 0 },
    { concurrent: 65 },
    { concurrent: 1.5 },
    { queued: -1 },
    { queued: 10_001 },
    { waitMilliseconds: 0 },
    { waitMilliseconds: 600_001 },
    { queue: 1 },
  ])('refuses %j', (options) => {
    expect(() => createHashingGate(options)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})

test('whatever comes and goes, the limits hold, the order is kept and nobody is forgotten', async () => {
  const commands = fc.array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant('arrive' as const) },
      fc.record({ ends: fc.nat(), fails: fc.boolean() }),
    ),
    { maxLength: 60 },
  )
  const limits = fc.record({
    concurrent: fc.integer({ min: 1, max: 3 }),
    queued: fc.integer({ min: 0, max: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(limits, commands, async ({ concurrent, queued }, steps) => {
      const gate = createHashingGate({ concurrent, queued })
      const jobs = someJobs()
      const model = { running: [] as number[], waiting: [] as number[], started: [] as number[] }
      const answers: Promise<string>[] = []
      const expected: string[] = []
      const startNext = (): void => {
        const next = model.waiting.shift()
        if (next === undefined) return
        model.running.push(next)
        model.started.push(next)
      }
      const end = async (index: number, fails: boolean): Promise<void> => {
        const [id = -1] = model.running.splice(index % model.running.length, 1)
        expected[id] = fails ? 'failed' : 'done'
        startNext()
        await (fails ? jobs.fail(id) : jobs.end(id))
      }
      for (const step of steps) {
        if (step === 'arrive') {
          const id = answers.length
          const full = model.running.length === concurrent && model.waiting.length === queued
          expected[id] = full ? 'busy' : 'unsettled'
          if (!full) model.waiting.push(id)
          if (!full && model.running.length < concurrent) startNext()
          answers.push(
            gate.run(jobs.job(id)).then(
              ({ kind }) => kind,
              () => 'failed',
            ),
          )
          await settled()
        } else if (model.running.length > 0) {
          await end(step.ends, step.fails)
        }
        expect(jobs.started).toEqual(model.started)
      }
      while (model.running.length > 0) await end(0, false)
      expect(await Promise.all(answers)).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})
