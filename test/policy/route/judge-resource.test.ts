import { describe, expect, test } from 'vitest'
import { judgeResource } from '../../../src/policy/route/judge-resource.js'
import { establishAnonymous } from '../../../src/principal/establish.js'

const who = establishAnonymous()

describe('judging a resource', () => {
  test('without load and allow whoever came this far may', async () => {
    expect(await judgeResource({}, who, null)).toEqual({
      kind: 'permitted',
      resource: undefined,
      decision: null,
    })
  })

  test('load gets the context, allow gets principal, resource and context', async () => {
    const seen: unknown[] = []
    const rule = {
      load: (context: string) => ({ loadedBy: context }),
      allow: (...given: unknown[]) => {
        seen.push(...given)
        return true
      },
    }
    expect(await judgeResource(rule, who, 'context')).toEqual({
      kind: 'permitted',
      resource: { loadedBy: 'context' },
      decision: null,
    })
    expect(seen).toEqual([who, { loadedBy: 'context' }, 'context'])
  })

  test.each([null, undefined])(
    'a resource that is %s is absent, and nobody is asked about it',
    async (resource) => {
      const rule = { load: async () => resource, allow: () => expect.unreachable() }
      expect(await judgeResource(rule, who, null)).toEqual({ kind: 'absent' })
    },
  )

  test('a query builder that is a function is waited for like any other', async () => {
    const builder = (found: unknown) =>
      // biome-ignore lint/suspicious/noThenProperty: query builders are thenables
      Object.assign(() => {}, { then: (resolve: (found: unknown) => void) => resolve(found) })
    const rule = { load: () => builder(null), allow: () => expect.unreachable() }
    expect(await judgeResource(rule, who, null)).toEqual({ kind: 'absent' })
    expect(await judgeResource({ load: () => builder('it') }, who, null)).toEqual({
      kind: 'permitted',
      resource: 'it',
      decision: null,
    })
    expect(await judgeResource({ allow: () => builder(false) }, who, null)).toEqual({
      kind: 'denied',
      decision: null,
      concealed: false,
    })
  })

  test.each([0, '', false])('a resource that is %o is there', async (resource) => {
    expect(await judgeResource({ load: () => resource }, who, null)).toEqual({
      kind: 'permitted',
      resource,
      decision: null,
    })
  })

  test('a failure names its step and its cause', async () => {
    const cause = new Error('down')
    const failing = () => {
      throw cause
    }
    expect(await judgeResource({ load: failing }, who, null)).toEqual({
      kind: 'failed',
      step: 'load',
      cause,
    })
    expect(await judgeResource({ allow: async () => failing() }, who, null)).toEqual({
      kind: 'failed',
      step: 'allow',
      cause,
    })
  })
})
