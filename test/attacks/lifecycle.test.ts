/** A lifecycle in careless hands: what an application forgets to check must not cost its users their sessions or its API its answers. */
import { describe, expect, test } from 'vitest'
import { aWorld, loggedIn, refreshed, refreshTextOf } from '../lifecycle/a-lifecycle.js'

describe('revoking', () => {
  test.each([
    ['null', [null]],
    ['a number', [5]],
    ['no text', ['']],
    ['half a character', ['\ud800']],
    ['more than 64', Array.from({ length: 65 }, (_, index) => `session-${index}`)],
    ['not a list', 'session'],
  ])('keeps no session that is none, and leaves the counter readable: %s', async (_, given) => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    const keep: readonly string[] = JSON.parse(JSON.stringify({ given })).given
    await expect(world.lifecycle.revokeSubject('alice', { keep })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await refreshed(world, refreshTextOf(tokens))
    expect(await world.store.feed({ after: null, limit: 10 })).toMatchObject({ entries: [] })
  })

  test('keeps 64 sessions', async () => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    const others = Array.from({ length: 63 }, (_, index) => `session-${index}`)
    await world.lifecycle.revokeSubject('alice', { keep: [...others, tokens.session ?? ''] })
    await refreshed(world, refreshTextOf(tokens))
  })

  test("does not end anybody's session for want of a subject", async () => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    const unfilled: { readonly subject: string } = JSON.parse('{}')
    await expect(
      world.lifecycle.revokeSession(tokens.session ?? '', unfilled),
    ).rejects.toMatchObject({ code: 'option_invalid' })
    await refreshed(world, refreshTextOf(tokens))
  })
})
