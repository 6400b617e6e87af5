import { describe, expect, it } from 'vitest'
import { createPoolPolicy, type SlowVerification } from '../../src/jwt/pool-policy.js'
import type { EventLoop } from '../../src/runtime/event-loop.js'

/** An event loop and a pool that do nothing by themselves. */
function aMachine() {
  let now = 1_000
  const due = { afterCallback: [], afterTurn: [], later: [] } as Record<string, (() => void)[]>
  const take = (name: string) => {
    const work = due[name] ?? []
    due[name] = []
    for (const each of work) each()
  }
  const loop: EventLoop = {
    milliseconds: () => now,
    afterCallback: (work) => due['afterCallback']?.push(work),
    afterTurn: (work) => due['afterTurn']?.push(work),
    later: (_milliseconds, work) => due['later']?.push(work),
  }
  const policy = createPoolPolicy(loop)
  const log: string[] = []
  const pool = new Map<string, (isValid: boolean | null) => void>()
  const work = (name: string): SlowVerification => ({
    here() {
      log.push(`${name} here`)
      return true
    },
    inPool(done) {
      log.push(`${name} in the pool`)
      pool.set(name, done)
    },
  })
  return {
    log,
    run: (name: string) => policy.run(work(name)),
    endCallback: () => take('afterCallback'),
    endTurn() {
      take('afterCallback')
      take('afterTurn')
    },
    pass(milliseconds: number) {
      now += milliseconds
      take('later')
    },
    finish: (name: string, isValid: boolean | null = true) => pool.get(name)?.(isValid),
    isWatching: () => [...(due['later'] ?? []), ...(due['afterTurn'] ?? [])].length > 0,
  }
}

describe('the policy of the pool', () => {
  it('does a lone verification here, and answers at once, turn after turn', () => {
    const machine = aMachine()
    for (const name of ['a', 'b', 'c']) {
      expect(machine.run(name)).toBe(true)
      machine.endTurn()
    }
    expect(machine.log).toEqual(['a here', 'b here', 'c here'])
  })

  it('gives what other callbacks of the turn ask for to the pool', async () => {
    const machine = aMachine()
    void machine.run('a')
    machine.endCallback()
    const second = machine.run('b')
    machine.endCallback()
    void machine.run('c')
    expect(machine.log).toEqual(['a here', 'b in the pool', 'c in the pool'])
    machine.finish('b', false)
    expect(await second).toBe(false)
  })

  it('does what one callback asks for here for less than 3 ms, and gives the rest to the pool', () => {
    const machine = aMachine()
    void machine.run('a')
    machine.pass(2.9)
    void machine.run('b')
    machine.pass(0.1)
    void machine.run('c')
    expect(machine.log).toEqual(['a here', 'b here', 'c in the pool'])
  })

  it('gives everything to the pool while something is in it, and then begins anew', () => {
    const machine = aMachine()
    void machine.run('a')
    machine.endCallback()
    void machine.run('b')
    machine.endTurn()
    void machine.run('c')
    machine.endTurn()
    machine.finish('b')
    machine.finish('c')
    void machine.run('d')
    expect(machine.log).toEqual(['a here', 'b in the pool', 'c in the pool', 'd here'])
  })

  it('passes on that the pool could not say', async () => {
    const machine = aMachine()
    void machine.run('a')
    machine.endCallback()
    const answer = machine.run('b')
    machine.finish('b', null)
    expect(await answer).toBeNull()
  })

  it('does everything here where there is no loop to watch', () => {
    const policy = createPoolPolicy(null)
    for (let count = 0; count < 100; count++) {
      expect(policy.run({ here: () => false, inPool: () => expect.fail() })).toBe(false)
    }
  })
})

describe('a pool that does not move', () => {
  /** One done here, the others in the pool. */
  const busy = (...names: string[]) => {
    const machine = aMachine()
    void machine.run('first')
    machine.endCallback()
    const answers = names.map(machine.run)
    machine.log.length = 0
    return { ...machine, answers }
  }

  it('is trusted for 5 ms, and then spared', () => {
    const machine = busy('a')
    machine.endTurn()
    machine.pass(5)
    void machine.run('b')
    machine.pass(0.1)
    expect(machine.run('c')).toBe(true)
    expect(machine.log).toEqual(['b in the pool', 'a here', 'c here'])
  })

  it('gets back what it holds, oldest first, one each turn, and its late answers are dropped', async () => {
    const { answers, ...machine } = busy('a', 'b')
    machine.pass(5.1)
    expect(machine.log).toEqual(['a here'])
    machine.endTurn()
    expect(machine.log).toEqual(['a here', 'b here'])
    machine.finish('a', false)
    machine.finish('b', false)
    expect(await Promise.all(answers)).toEqual([true, true])
    machine.endTurn()
    machine.pass(5.1)
    expect(machine.isWatching()).toBe(false)
  })

  it('is trusted again as soon as it has finished anything', async () => {
    const { answers, ...machine } = busy('a', 'b', 'c')
    machine.pass(5.1)
    machine.finish('a', false)
    machine.endTurn()
    void machine.run('d')
    expect(machine.log).toEqual(['a here', 'd in the pool'])
    for (const name of ['b', 'c']) machine.finish(name, false)
    expect(await Promise.all(answers)).toEqual([true, false, false])
  })

  it('is not one that is only busy: each thing it finishes counts', () => {
    const machine = busy('a', 'b', 'c', 'd')
    for (const name of ['a', 'b', 'c', 'd']) {
      machine.pass(4)
      machine.finish(name)
    }
    expect(machine.log).toEqual([])
  })

  it('that never answers leaves everything to be done here', () => {
    const machine = busy('a')
    machine.pass(5.1)
    machine.pass(3_600_000)
    machine.endTurn()
    expect(machine.run('b')).toBe(true)
    expect(machine.isWatching()).toBe(false)
  })
})
