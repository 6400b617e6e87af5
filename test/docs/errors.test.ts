import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from '../house/house.js'
import { codeIn, readPage, rowsOf, sectionsOf } from './markdown.js'

const page = sectionsOf(readPage('docs/errors.md'))
const { checker, types } = typesOfIndex()

/** The section that the page gives to the reasons of each kind of outcome. */
const SECTIONS: Readonly<Record<string, string | null>> = {
  granted: null,
  preflight: null,
  invalid_request: 'Presentation',
  unauthenticated: 'No credential',
  invalid_token: 'Refused credentials',
  invalid_dpop_proof: 'DPoP proofs',
  use_dpop_nonce: 'DPoP nonces',
  insufficient_user_authentication: 'Login',
  insufficient_scope: 'Scope',
  denied: 'Denials',
  absent: 'Absence',
  throttled: 'Throttling',
  unavailable: 'Outages',
}

describe('docs/errors.md has exactly', { timeout: 60_000 }, () => {
  it('the codes of ConfigurationError', () => {
    expect(codesBelow('Configuration errors')).toEqual(literals(types('ConfigurationErrorCode')))
  })

  it('the kinds of outcomes, each linked to its reasons', () => {
    const kinds = membersOf(types('Outcome')).flatMap((member) => propertyOf(member, 'kind'))
    expect(codesBelow('Outcomes')).toEqual(kinds.sort())
    for (const [kind = '', , , reasons] of rowsBelow('Outcomes')) {
      const section = SECTIONS[codeIn(kind)]
      const anchor = section?.toLowerCase().replaceAll(' ', '-')
      expect(reasons, kind).toContain(anchor === undefined ? 'none' : `(#${anchor})`)
    }
  })

  it.each(Object.entries(SECTIONS))('the reasons of the outcome %s', (kind, section) => {
    const outcome = membersOf(types('Outcome')).find((member) =>
      propertyOf(member, 'kind').includes(kind),
    )
    const reasons = outcome === undefined ? ['no such outcome'] : propertyOf(outcome, 'reason')
    expect(section === null ? [] : codesBelow(section)).toEqual(reasons)
  })

  it('the kinds of events', () => {
    const kinds = membersOf(types('GateEvent')).flatMap((member) => propertyOf(member, 'kind'))
    expect(codesBelow('Events')).toEqual(kinds.sort())
  })

  it.each([
    ['Lifecycle events', 'LifecycleEvent'],
    ['Login events', 'LoginEvent'],
    ['API key events', 'ApiKeyEvent'],
    ['Mirror events', 'RevocationEvent'],
  ])('the kinds of %s', (section, name) => {
    const kinds = membersOf(types(name)).flatMap((member) => propertyOf(member, 'kind'))
    expect(codesBelow(section)).toEqual([...new Set(kinds)].sort())
  })

  it.each([
    ['Refused issues', 'IssueResult'],
    ['Refused refreshes', 'RefreshResult'],
    ['Refused codes', 'ExchangeResult'],
    ['Refused requests for scopes', 'Downscoping'],
  ])('the reasons of %s', (section, name) => {
    const refusals = membersOf(types(name)).filter((member) =>
      propertyOf(member, 'kind').includes('refused'),
    )
    expect(codesBelow(section)).toEqual(
      refusals.flatMap((member) => propertyOf(member, 'reason')).sort(),
    )
  })

  it('a meaning, a cause and a remedy for each code', () => {
    const rows = [...page.keys()].flatMap(rowsBelow)
    expect(rows.length).toBeGreaterThan(60)
    expect(rows.filter((cells) => cells.includes('')).map(([code]) => code)).toEqual([])
  })
})

describe('the check of codes', { timeout: 60_000 }, () => {
  it('reads the members of a union, those of the unions inside it included', () => {
    const reasons = literals(types('RefusalReason'))
    for (const reason of ['signature_invalid', 'scope_limit', 'password_wrong']) {
      expect(reasons).toContain(reason)
    }
    expect(literals(types('PresentationProblem'))).toContain('several_credentials')
    expect(literals(types('UnavailableReason'))).toContain('hashing_busy')
  })

  it('reads each code of a section once, and nothing of fences and headings', () => {
    const text = '| code | a |\n| --- | --- |\n| `one` | 1 |\n\n```\n| `two` | 2 |\n```\n'
    expect(rowsOf(text)).toEqual([['`one`', '1']])
  })
})

function rowsBelow(section: string): readonly (readonly string[])[] {
  return rowsOf(page.get(section) ?? '')
}

/** Sorted, so that a code that is missing, stale or there twice shows. */
function codesBelow(section: string): readonly string[] {
  return rowsBelow(section)
    .map(([code = '']) => codeIn(code))
    .sort()
}

/** Finds the exported types of the root entry by name. */
function typesOfIndex(): { checker: ts.TypeChecker; types: (name: string) => ts.Type } {
  const path = join(root, 'src/index.ts')
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram([path], options)
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(path)
  const index = file && checker.getSymbolAtLocation(file)
  const exported = index ? checker.getExportsOfModule(index) : []
  const types = (name: string) => {
    const symbol = exported.find((each) => each.name === name)
    if (symbol === undefined) throw new Error(`src/index.ts does not export the type ${name}`)
    // Each name of an index is an alias of the file that declares it.
    return checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol))
  }
  return { checker, types }
}

function membersOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type]
}

function literals(type: ts.Type): readonly string[] {
  return membersOf(type)
    .map((member) => (member.isStringLiteral() ? member.value : 'not a literal'))
    .sort()
}

/** The literals that a property may have; none if there is no such property. */
function propertyOf(type: ts.Type, name: string): readonly string[] {
  const property = type.getProperty(name)
  return property === undefined ? [] : literals(checker.getTypeOfSymbol(property))
}
