/**
 * Plays one history: devices that are honest, thieves that hold copies, answers that are lost, clocks that jump, processes
 * that die. Two processes serve the requests in turn, or each request has one of its own, so that nothing but the store
 * joins them; each storage call waits until the history answers it.
 */
import type { Lifecycle } from '../../../../src/lifecycle/lifecycle.js'
import type { StoredRecord } from '../../../../src/lifecycle/store/store.js'
import type { TokenSet } from '../../../../src/lifecycle/token-set.js'
import { Redacted } from '../../../../src/shared/redacted.js'
import { createTestClock } from '../../../../src/testing/test-clock.js'
import { hasWritten } from '../explore.js'
import { WRITE_INVARIANTS } from '../invariants.js'
import type { Machine } from '../load-machine.js'
import { drawFrom } from '../random.js'
import { type Command, DEVICES, type History } from './commands.js'
import {
  ABSOLUTE,
  CODE_LIFETIME,
  type Code,
  type Ending,
  type Family,
  IDLE,
  type Login,
  Reference,
} from './reference.js'
import { steppedStore } from './stepped-store.js'

type Started = Extract<
  Awaited<ReturnType<Lifecycle['startLogin']>>,
  { readonly kind: 'started' }
>['login']

/** A browser or a program, with all that it knows. */
interface Device {
  readonly subject: string
  readonly clientId: string
  readonly clientType: 'public' | 'confidential'
  login: { readonly started: Started; readonly login: Login } | null
  code: { readonly text: string; readonly code: Code } | null
  held: { readonly family: Family; readonly text: string } | null
  /** What somebody has copied from it. */
  stolen: { readonly family: Family; readonly text: string } | null
}

/** A request that is being served. */
interface Task {
  readonly device: Device
  readonly begun: number
  readonly now: number
  /** The token that it presents. */
  readonly text: string | null
  /** A storage call of it has failed: it may be unavailable. */
  isDisturbed: boolean
  /** Its client hears nothing of it. */
  isLost: boolean
  isOver: boolean
}

/** What serves requests: if one of its storage calls fails, any of them may have made it. */
interface Process {
  readonly lifecycle: Lifecycle
  readonly tasks: Set<Task>
}

/** @throws what is wrong; never for what a history may do */
export async function play(machine: Machine, { setup, commands }: History): Promise<Played> {
  drawFrom({ seed: 'history', drawn: 0 })
  const clock = createTestClock()
  const memory = watched(machine.memoryStore())
  const stepped = steppedStore<Set<Task>>(memory)
  const reference = new Reference(setup)
  const tasks = new Set<Task>()
  const played: Played = { requests: 0, calls: 0 }
  let problem: unknown = null

  const options = {
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    accessTokens: { kind: 'opaque', lifetime: 120 },
    refreshTokens: {
      idle: IDLE,
      absolute: ABSOLUTE,
      grace: setup.grace,
      onReuse: setup.onReuse,
    },
    codeLifetime: CODE_LIFETIME,
    peppers: setup.isPeppered ? [{ id: 'p1', secret: new Redacted('pepper '.repeat(6)) }] : [],
    timeoutMilliseconds: 60_000,
    clock,
  } as const
  const start = (): Process => {
    const served = new Set<Task>()
    const lifecycle = machine.createLifecycle({ ...options, store: stepped.of(served) })
    return { lifecycle, tasks: served }
  }
  let lasting: readonly Process[] = []
  const nextProcess = (): Process => {
    if (!setup.hasProcesses) return start()
    if (lasting.length === 0) lasting = [start(), start()]
    return at(lasting, played.requests % lasting.length)
  }
  /** Looks without being seen. */
  const inspector = machine.createLifecycle({ ...options, store: memory })

  const devices = Array.from(
    { length: DEVICES },
    (_, index): Device => ({
      subject: index === 2 ? 'bob' : 'alice',
      clientId: index === 3 ? 'web' : 'app',
      clientType: index === 3 ? 'confidential' : 'public',
      login: null,
      code: null,
      held: null,
      stolen: null,
    }),
  )

  /** Begins a request; `settle` judges its outcome and tells the device, unless its answer is lost. */
  const request = <Outcome>(
    device: Device,
    text: string | null,
    work: (lifecycle: Lifecycle) => Promise<Outcome>,
    settle: (outcome: Outcome | null, task: Task) => void,
  ): void => {
    const task: Task = {
      device,
      text,
      begun: reference.next(),
      now: clock.now(),
      isDisturbed: false,
      isLost: false,
      isOver: false,
    }
    tasks.add(task)
    played.requests += 1
    const served = nextProcess()
    served.tasks.add(task)
    const done = (outcome: Outcome | null): void => {
      reference.next()
      task.isOver = true
      tasks.delete(task)
      served.tasks.delete(task)
      settle(outcome, task)
    }
    work(served.lifecycle)
      .then(done, (failure: unknown) => {
        if (!task.isDisturbed) throw failure
        done(null)
      })
      .catch((wrong: unknown) => {
        problem ??= wrong
      })
  }

  const begun = (task: Task, login: Login, tokens: TokenSet, clientType: string): Family => {
    const text = tokens.refreshToken?.reveal() ?? ''
    if (tokens.family === null || text === '') throw new Error('no refresh token came')
    const family: Family = {
      id: tokens.family,
      login,
      rotates: clientType === 'public',
      createdAt: task.now,
      given: new Map([[text, reference.moment]]),
      successors: new Map(),
      presented: new Map(),
      access: new Set(),
      isShared: false,
    }
    reference.families.set(family.id, family)
    took(family, tokens)
    return family
  }

  const took = (family: Family, tokens: TokenSet): void => {
    family.access.add(machine.hashOpaqueToken(tokens.accessToken.reveal()))
    if (tokens.expiresAt > family.createdAt + ABSOLUTE) {
      throw new Error('I8: an access token outlives its family')
    }
  }

  const unavailable = (task: Task): void => {
    if (!task.isDisturbed) throw new Error('unavailable, and nothing had failed')
  }

  const revoking = (
    device: Device,
    covers: Ending['covers'],
    work: (lifecycle: Lifecycle) => Promise<unknown>,
  ): void => {
    const ending = reference.ending(covers)
    request(device, null, work, (outcome) => {
      ending.ended = reference.moment
      ending.isDone = outcome !== null
    })
  }

  const refresh = (
    device: Device,
    { family, text }: NonNullable<Device['held']>,
    how: 'as its client' | 'as another client' | 'with another tag',
    isThief: boolean,
  ): void => {
    const isStranger = how !== 'as its client'
    const now = clock.now()
    const bad = isStranger
      ? 'it is not theirs'
      : reference.whyBad(family, text, reference.moment, now)
    const isGood = !isThief && !isStranger && bad === null && reference.isGood(family, text, now)
    let ending: Ending | null = null
    if (!isStranger) {
      if (isThief) reference.share(family)
      // Whoever is late may end the family, rightly.
      if (!isGood) ending = reference.endingByReuse(family)
      family.presented.set(text, [...(family.presented.get(text) ?? []), now])
    }
    const sent = how === 'with another tag' ? `${text.slice(0, -3)}${flipped(text)}` : text
    const clientId = how === 'as another client' ? 'stranger' : device.clientId
    request(
      device,
      text,
      (lifecycle) => lifecycle.refresh(sent, { clientId }),
      (outcome, task) => {
        const close = (isDone: boolean): void => {
          if (ending === null) return
          ending.ended = reference.moment
          ending.isDone = isDone
          if (!isDone && outcome !== null && outcome.kind !== 'unavailable') {
            reference.endings.splice(reference.endings.indexOf(ending), 1)
          }
        }
        if (outcome === null || outcome.kind === 'unavailable') {
          close(false)
          unavailable(task)
          return
        }
        if (outcome.kind === 'refused') {
          close(outcome.reason === 'refresh_token_reused')
          if (isStranger) return
          const isStillGood =
            isGood && !family.isShared && !reference.mayBeOver(family.login, family.id)
          if (isStillGood) throw new Error(`I9: a good token is refused: ${outcome.reason}`)
          const isHeld = device.held?.text === text
          if (!isThief && isHeld && !task.isLost) device.held = null
          if (outcome.reason === 'refresh_token_reused' && ending === null) {
            if (!family.isShared) throw new Error('I4: a reuse where there can be none')
            const late = reference.endingByReuse(family, task.begun)
            late.ended = reference.moment
            late.isDone = true
          }
          return
        }
        close(false)
        if (bad !== null) throw new Error(`I4, I5, I6: a token works although ${bad}`)
        if (reference.hasRunOut(family, task.now)) throw new Error('I8: it had run out')
        const { tokens } = outcome
        const successor = tokens.refreshToken?.reveal() ?? ''
        const known = family.successors.get(text)
        if (known !== undefined && known !== successor) {
          throw new Error('I2, I3: one token has two successors')
        }
        if (!family.rotates && successor !== text) throw new Error('a kept token has changed')
        if (family.rotates) family.successors.set(text, successor)
        if (!family.given.has(successor)) family.given.set(successor, reference.moment)
        took(family, tokens)
        if (task.isLost) return
        const next = { family, text: successor }
        if (isThief) device.stolen = next
        else if (device.held?.text === text) device.held = next
      },
    )
  }

  const act = (command: Command): void => {
    switch (command.does) {
      case 'log in': {
        const device = at(devices, command.device)
        const { subject, clientId } = device
        const begunAt = reference.next()
        request(
          device,
          null,
          (lifecycle) => lifecycle.startLogin({ subject, clientId }),
          (outcome, task) => {
            if (outcome?.kind !== 'started') {
              unavailable(task)
              return
            }
            if (task.isLost) return
            const { session } = outcome.login
            const proven = reference.moment
            device.login = {
              started: outcome.login,
              login: { subject, clientId, session, begun: begunAt, proven },
            }
          },
        )
        return
      }
      case 'finish': {
        const device = at(devices, command.device)
        if (device.login === null) return
        const { started, login } = device.login
        device.login = null
        const { clientType } = device
        request(
          device,
          null,
          (lifecycle) => lifecycle.issue({ login: started, clientType, scopes: ['read'] }),
          (outcome, task) => {
            if (outcome === null || outcome.kind === 'unavailable') {
              unavailable(task)
              return
            }
            if (outcome.kind === 'refused') {
              if (!reference.mayBeOver(login, null)) throw new Error('I11: refused for nothing')
              return
            }
            if (reference.isOver(login, null, task.begun)) {
              throw new Error('I11: issued although it was revoked')
            }
            const family = begun(task, login, outcome.tokens, clientType)
            if (!task.isLost) device.held = { family, text: [...family.given.keys()][0] ?? '' }
          },
        )
        return
      }
      case 'code': {
        const device = at(devices, command.device)
        if (device.login === null) return
        const { started, login } = device.login
        device.login = null
        const { clientType } = device
        const challenge = machine.sha256Base64url(VERIFIER)
        request(
          device,
          null,
          (lifecycle) =>
            lifecycle.createCode(
              { login: started, clientType, scopes: ['read'] },
              { redirectUri: null, challenge },
            ),
          (outcome, task) => {
            if (outcome?.kind !== 'created') {
              unavailable(task)
              return
            }
            const code: Code = { login, createdAt: task.now, rightly: 0, wrongly: 0, family: null }
            device.code = { text: outcome.code, code }
          },
        )
        return
      }
      case 'exchange': {
        const device = at(devices, command.device)
        if (device.code === null) return
        const { text, code } = device.code
        const { clientType } = device
        const isRight = command.how === 'rightly'
        const clientId = command.how === 'as another client' ? 'stranger' : device.clientId
        const verifier = command.how === 'with a wrong verifier' ? 'w'.repeat(43) : VERIFIER
        if (isRight) code.rightly += 1
        if (command.how === 'with a wrong verifier') code.wrongly += 1
        const { rightly } = code
        const second =
          isRight && rightly > 1
            ? reference.ending((login, id) => login === code.login && id !== null)
            : null
        request(
          device,
          null,
          (lifecycle) =>
            lifecycle.exchangeCode({ code: text, clientId, redirectUri: null, verifier }),
          (outcome, task) => {
            if (second !== null) {
              second.ended = reference.moment
              second.isDone = outcome?.kind === 'refused' && outcome.reason === 'code_replayed'
            }
            if (outcome === null || outcome.kind === 'unavailable') {
              unavailable(task)
              return
            }
            if (outcome.kind === 'refused') {
              const isGood =
                isRight &&
                code.rightly === 1 &&
                code.wrongly < 3 &&
                task.now < code.createdAt + CODE_LIFETIME &&
                !reference.mayBeOver(code.login, null)
              if (isGood) throw new Error(`I12: a good code is refused: ${outcome.reason}`)
              return
            }
            if (!isRight) throw new Error(`I5: exchanged ${command.how}`)
            if (code.family !== null) throw new Error('I12: exchanged twice')
            if (task.now >= code.createdAt + CODE_LIFETIME) throw new Error('exchanged too late')
            if (reference.isOver(code.login, null, task.begun)) {
              throw new Error('I11: exchanged although it was revoked')
            }
            const family = begun(task, code.login, outcome.tokens, clientType)
            code.family = family.id
            if (!task.isLost) device.held = { family, text: [...family.given.keys()][0] ?? '' }
          },
        )
        return
      }
      case 'refresh': {
        const device = at(devices, command.device)
        const { held } = device
        if (held === null) {
          act({ ...command, does: device.login === null ? 'log in' : 'finish' })
          return
        }
        // A request that is late may look like a theft: nobody can tell.
        const isLate = [...tasks].some(
          ({ device: whose, text, now }) =>
            whose === device &&
            text !== null &&
            !(text === held.text && reference.isInGrace(clock.now(), now)),
        )
        if (isLate) reference.share(held.family)
        refresh(device, held, 'as its client', false)
        return
      }
      case 'steal': {
        const device = at(devices, command.device)
        if (device.held === null) return
        const { family } = device.held
        const texts = [...family.given.keys()].reverse()
        device.stolen = { family, text: texts[command.age] ?? device.held.text }
        return
      }
      case 'use stolen': {
        const device = at(devices, command.device)
        if (device.stolen !== null) refresh(device, device.stolen, command.how, true)
        return
      }
      case 'log out': {
        const device = at(devices, command.device)
        const { held, clientId } = device
        if (held === null) return
        revoking(
          device,
          (_, id) => id === held.family.id,
          (lifecycle) => lifecycle.revokeRefreshToken(held.text, { clientId }),
        )
        return
      }
      case 'revoke': {
        const device = at(devices, command.device)
        const { subject, clientId, held } = device
        const session = held?.family.login.session ?? 'none'
        switch (command.what) {
          case 'family':
            if (held === null) return
            revoking(
              device,
              (_, id) => id === held.family.id,
              (lifecycle) => lifecycle.revokeFamily(held.family.id),
            )
            return
          case 'session':
            revoking(
              device,
              (login) => login.session === session,
              (lifecycle) => lifecycle.revokeSession(session),
            )
            return
          case 'subject':
            revoking(
              device,
              (login) => login.subject === subject,
              (lifecycle) => lifecycle.revokeSubject(subject),
            )
            return
          case 'all but this session':
            revoking(
              device,
              (login) => login.subject === subject && login.session !== session,
              (lifecycle) => lifecycle.revokeSubject(subject, { keep: [session] }),
            )
            return
          case 'client':
            revoking(
              device,
              (login) => login.clientId === clientId,
              (lifecycle) => lifecycle.revokeClient(clientId),
            )
            return
          case 'everything':
            revoking(
              device,
              () => true,
              (lifecycle) => lifecycle.revokeEverything(),
            )
        }
        return
      }
      case 'clock':
        clock.advance(command.by)
        return
      case 'lose answers':
        for (const task of tasks) task.isLost = true
        return
      case 'fail': {
        const call = stepped.waiting[command.which % Math.max(1, stepped.waiting.length)]
        if (call === undefined) return
        for (const task of call.owner) task.isDisturbed = true
        call.fail(command.hasWritten)
        return
      }
      case 'crash':
        for (const task of tasks) {
          task.isDisturbed = true
          task.isLost = true
        }
        for (const call of [...stepped.waiting]) call.fail(false)
        lasting = []
        return
      case 'nothing':
        return
    }
  }

  const answer = async (which: number): Promise<void> => {
    const call = stepped.waiting[which % Math.max(1, stepped.waiting.length)]
    if (call === undefined) return
    played.calls += 1
    call.answer()
    await settled()
  }

  const look = async (): Promise<void> => {
    if (problem !== null) throw problem
    for (const family of reference.families.values()) {
      const { login, id, access } = family
      const isOver = reference.isOver(login, id, reference.moment + 1)
      const isSound = !family.isShared && !reference.mayBeOver(login, id)
      if (!isOver && !isSound) continue
      for (const hash of access) {
        const stands = (await inspector.accessTokens.find(hash)) !== null
        if (isOver && stands) throw new Error('I6: an access token of what has ended works')
        if (isSound && !stands) throw new Error('an access token has ended by itself')
      }
    }
  }

  for (const [index, device] of devices.entries()) {
    for (const does of ['log in', 'finish'] as const) {
      act({ does, device: index, answers: [] })
      await settled()
      while (stepped.waiting.length > 0) await answer(0)
    }
    if (device.held === null) throw new Error('a login has failed')
  }
  for (const [index, command] of commands.entries()) {
    act(command)
    await settled()
    for (const which of command.answers) await answer(which)
    if (problem !== null || index % 4 === 3) await look()
  }
  while (stepped.waiting.length > 0) await answer(0)
  await look()
  // Whoever is honest goes on.
  for (const device of devices) {
    act({ does: 'refresh', device: devices.indexOf(device), answers: [] })
    await settled()
    while (stepped.waiting.length > 0) await answer(0)
  }
  await look()
  return played
}

export interface Played {
  requests: number
  calls: number
}

/** A store that judges each write to a family. */
function watched(store: ReturnType<Machine['memoryStore']>): typeof store {
  const read = (id: string): { readonly records: ReadonlyMap<string, StoredRecord> } => {
    const [record] = store.get([{ kind: 'family', id }]) as readonly (StoredRecord | null)[] // the memory answers at once
    return { records: new Map(record == null ? [] : [[`family ${id}`, record]]) }
  }
  return {
    ...store,
    cas(key, version, value, options) {
      if (key.kind !== 'family') return store.cas(key, version, value, options)
      const before = read(key.id)
      const answer = store.cas(key, version, value, options)
      if (!hasWritten({ verb: 'cas', key, version, value, options }, answer)) return answer
      const after = read(key.id)
      const step = { call: { verb: 'cas', key, version, value, options }, answer } as const
      for (const [name, holds] of Object.entries(WRITE_INVARIANTS)) {
        const problem = holds(before, step, after)
        if (problem !== null) throw new Error(`${name}: ${problem}`)
      }
      return answer
    },
  }
}

/** All that can go on without another answer has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function at<Value>(list: readonly Value[], index: number): Value {
  const value = list[index]
  if (value === undefined) throw new Error(`there is no ${index}`)
  return value
}

/** Other letters at the end of a tag. */
function flipped(text: string): string {
  return text.endsWith('AAA') ? 'AAQ' : 'AAA'
}

const VERIFIER = 'v'.repeat(43)
