import { describe, expect, it } from 'vitest'
import { CASES, FRAMEWORKS, PEER_PARTS, STORE_PARTS } from '../../bench/names.js'
import { readOptions } from '../../bench/options.js'

describe('the arguments of the benchmark', () => {
  it('measures every case inside the process when nothing is said', () => {
    expect(readOptions([])).toEqual({ kind: 'gate', seconds: 25, cases: CASES, http: false })
  })

  it('takes the cases that are named, in the order of the tables', () => {
    const options = readOptions(['--http', '--seconds', '1', '--only', 'junk,basic,ES256'])
    const cases = ['ES256', 'basic', 'junk']
    expect(options).toEqual({ kind: 'gate', seconds: 1, cases, http: true })
  })

  it('compares everything with the peers, or with --http what goes over sockets', () => {
    const all = readOptions(['--peers'])
    expect(all).toEqual({ kind: 'peers', seconds: 180, parts: PEER_PARTS })
    const overHttp = readOptions(['--http', '--peers', '--seconds', '9'])
    expect(overHttp).toEqual({ kind: 'peers', seconds: 9, parts: FRAMEWORKS })
  })

  it('takes the parts of the comparison that are named', () => {
    const options = readOptions(['--peers', '--only', 'hono,cached,RS256'])
    expect(options).toEqual({ kind: 'peers', seconds: 180, parts: ['RS256', 'cached', 'hono'] })
  })

  it('measures every store, or those that are named', () => {
    expect(readOptions(['--stores'])).toEqual({ kind: 'stores', seconds: 180, parts: STORE_PARTS })
    const named = readOptions(['--stores', '--only', 'pg,memory', '--seconds', '9'])
    expect(named).toEqual({ kind: 'stores', seconds: 9, parts: ['memory', 'pg'] })
  })

  it.each([
    ['stores over HTTP', ['--stores', '--http']],
    ['stores among the peers', ['--stores', '--peers']],
    ['a store that there is not', ['--stores', '--only', 'mongo']],
    ['an unknown option', ['--fast']],
    ['a word that is no option', ['ES256']],
    ['a missing value', ['--seconds']],
    ['no time at all', ['--seconds', '0']],
    ['more than ten minutes', ['--seconds', '601']],
    ['a time that is no number', ['--seconds', 'abc']],
    ['an unknown case', ['--only', 'ES256,es512']],
    ['a case that is named twice', ['--only', 'ES256,ES256']],
    ['no case', ['--only', '']],
    ['a case among the peers that is none of theirs', ['--peers', '--only', 'opaque']],
    ['a part of the comparison without --peers', ['--only', 'cached']],
    ['a part inside the process with --http', ['--peers', '--http', '--only', 'cached']],
  ])('refuses %s', (_, args) => {
    expect(readOptions(args)).toBeNull()
  })
})
