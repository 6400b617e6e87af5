import { describe, expect, test } from 'vitest'
import { createTurnstile } from '../../src/shared/turnstile.js'

/** A turnstile for one at a time, whose clock stands where it is put, and jobs that end when told to. */
function anImpatientTurnstile(milliseconds: number) {
  const clock = { now: 0 }
  const ends: (() => void)[] = []
  const started: string[] = []
  const turnstile = createTurnstile({
    concurrent: 1,
    queued: 10,
    patience: { milliseconds, milliClock: () => clock.now },
  })
  const arrive = (name: string) =>
    turnstile
      .run(async () => {
        started.push(name)
        await new Promise<void>((resolve) => ends.push(resolve))
      })
      .then(({ kind }) => kind)
  const endOne = async () => {
    ends.shift()?.()
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return { clock, started, arrive, endOne }
}

describe('a job whose turn comes', () => {
  test.each([
    ['one millisecond before its time is up', 99, 'done'],
    ['exactly then', 100, 'done'],
    ['one millisecond after', 101, 'busy'],
  ])('%s is %3$s', async (_, waited, kind) => {
    const { clock, arrive, endOne } = anImpatientTurnstile(100)
    const first = arrive('first')
    const second = arrive('second')
    clock.now = waited
    await endOne()
    await endOne()
    expect(await first).toBe('done')
    expect(await second).toBe(kind)
  })

  test('too late makes room at once for those behind it', async () => {
    const { clock, started, arrive, endOne } = anImpatientTurnstile(100)
    const jobs = [arrive('first'), arrive('late'), arrive('late too')]
    clock.now = 60
    jobs.push(arrive('in time'))
    clock.now = 150
    await endOne()
    expect(started).toEqual(['first', 'in time'])
    await endOne()
    expect(await Promise.all(jobs)).toEqual(['done', 'busy', 'busy', 'done'])
  })

  test('nobody in time leaves the turnstile free', async () => {
    const { clock, started, arrive, endOne } = anImpatientTurnstile(100)
    void arrive('first')
    const late = arrive('late')
    clock.now = 500
    await endOne()
    expect(await late).toBe('busy')
    void arrive('next')
    expect(started).toEqual(['first', 'next'])
  })
})

test('without patience a job waits for ever', async () => {
  const turnstile = createTurnstile({ concurrent: 1, queued: 1 })
  let end = (): void => undefined
  const first = turnstile.run(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  const second = turnstile.run(async () => 'second')
  end()
  await first
  expect(await second).toEqual({ kind: 'done', value: 'second' })
})
