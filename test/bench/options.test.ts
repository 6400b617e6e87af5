import { describe, expect, it } from 'vitest'
import { CASES } from '../../bench/names.js'
import { readOptions } from '../../bench/options.js'

describe('the arguments of the benchmark', () => {
  it('measures every case inside the process when nothing is said', () => {
    expect(readOptions([])).toEqual({ seconds: 25, cases: CASES, http: false })
  })

  it('takes the cases that are named, in the order of the tables', () => {
    const options = readOptions(['--http', '--seconds', '1', '--only', 'junk,basic,ES256'])
    expect(options).toEqual({ seconds: 1, cases: ['ES256', 'basic', 'junk'], http: true })
  })

  it.each([
    ['an unknown option', ['--fast']],
    ['a word that is no option', ['ES256']],
    ['a missing value', ['--seconds']],
    ['no time at all', ['--seconds', '0']],
    ['more than ten minutes', ['--seconds', '601']],
    ['a time that is no number', ['--seconds', 'abc']],
    ['an unknown case', ['--only', 'ES256,es512']],
    ['a case that is named twice', ['--only', 'ES256,ES256']],
    ['no case', ['--only', '']],
  ])('refuses %s', (_, args) => {
    expect(readOptions(args)).toBeNull()
  })
})
