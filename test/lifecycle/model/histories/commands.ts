/** What happens in a history, as data: so that one that goes wrong is made smaller until nothing can be left out. */
import fc from 'fast-check'

export type Command = Happening & {
  /** Which of the waiting storage calls are answered afterwards, one after the other. */
  readonly answers: readonly number[]
}

type Happening =
  | { readonly does: 'log in' | 'finish' | 'code' | 'refresh' | 'log out'; readonly device: number }
  | { readonly does: 'exchange'; readonly device: number; readonly how: Exchanging }
  | { readonly does: 'steal'; readonly device: number; readonly age: number }
  | { readonly does: 'use stolen'; readonly device: number; readonly how: Stolen }
  | { readonly does: 'revoke'; readonly device: number; readonly what: Revoked }
  | { readonly does: 'clock'; readonly by: number }
  /** The client hears no answer to what it has asked, and asks again some time. */
  | { readonly does: 'lose answers' }
  /** A storage call fails: before it has done anything, or after. */
  | { readonly does: 'fail'; readonly which: number; readonly hasWritten: boolean }
  /** All processes die. */
  | { readonly does: 'crash' }
  | { readonly does: 'nothing' }

type Exchanging = 'rightly' | 'with a wrong verifier' | 'as another client'
type Stolen = 'as its client' | 'as another client' | 'with another tag'
type Revoked = 'family' | 'session' | 'subject' | 'all but this session' | 'client' | 'everything'

/** How a lifecycle is set up for one history. */
export interface Setup {
  readonly grace: number
  readonly isPeppered: boolean
  /** Whether there are two processes that last until they crash; else each request has its own. */
  readonly hasProcesses: boolean
  readonly onReuse: 'family' | 'session' | 'subject'
}

export interface History {
  readonly setup: Setup
  readonly commands: readonly Command[]
}

export const DEVICES = 4

const device = fc.nat(DEVICES - 1)

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constantFrom('log in', 'finish'), device }),
  },
  { weight: 10, arbitrary: fc.record({ does: fc.constant('refresh'), device }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('code', 'log out'), device }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('exchange'),
      device,
      how: fc.constantFrom('rightly', 'rightly', 'with a wrong verifier', 'as another client'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('steal'), device, age: fc.nat(3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('use stolen'),
      device,
      how: fc.constantFrom('as its client', 'as another client', 'with another tag'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('revoke'),
      device,
      what: fc.constantFrom(
        'family',
        'session',
        'subject',
        'all but this session',
        'all but this session',
        'client',
        'everything',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('clock'),
      by: fc.constantFrom(1, 5, 20, 29, 31, 70, 300, 590, -3, -25, -40),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('lose answers') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('fail'),
      which: fc.nat(7),
      hasWritten: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('crash') }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('nothing') }) },
)

export const histories: fc.Arbitrary<History> = fc.record({
  setup: fc.record({
    grace: fc.constantFrom(30, 30, 30, 0),
    isPeppered: fc.boolean(),
    hasProcesses: fc.boolean(),
    onReuse: fc.constantFrom('family', 'family', 'session', 'subject'),
  }),
  commands: fc.noBias(
    fc.array(
      fc
        .tuple(happening, fc.array(fc.nat(7), { maxLength: 9, size: 'max' }))
        .map(([happens, answers]): Command => ({ ...happens, answers })),
      { minLength: 1, maxLength: 40, size: 'max' },
    ),
  ),
})
