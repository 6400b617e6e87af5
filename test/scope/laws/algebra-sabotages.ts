import { contentsOf, type Sabotage, tokensOf, wrapped } from './sabotage.js'

/** Wrong ways to work with grants as sets, and to write them. */
export const ALGEBRA_SABOTAGES: readonly Sabotage[] = [
  {
    breaks: 'the normal form covers the same, has nothing to spare, and is the same for any order',
    how: 'a name that another token covers stays',
    define: wrapped(({ grant, format }) => ({
      normalize: (granted) =>
        grant([...new Set([...format(granted).split(' '), ...tokensOf(granted)])].sort()),
    })),
  },
  {
    breaks: 'what is written, read again, is the same, in the characters of RFC 6749',
    how: 'a list is written with commas',
    define: wrapped(({ normalize }) => ({ format: (granted) => normalize(granted).tokens.join() })),
  },
  {
    breaks:
      'intersect and union are exact, and both are commutative, associative, idempotent, and absorb each other',
    how: 'tokens are compared, and patterns and implications forgotten',
    define: wrapped(({ grant }) => ({
      intersect: (left, right) =>
        grant(tokensOf(left).filter((token) => tokensOf(right).includes(token))),
    })),
  },
  {
    breaks: 'what is written and read again never covers more than what it was made of',
    how: 'several scopes are written as the pattern for all',
    define: wrapped(({ grant, intersect }) => ({
      intersect(left, right) {
        const both = intersect(left, right)
        return both.tokens.length > 1 ? { ...contentsOf(both), tokens: grant('*:*').tokens } : both
      },
    })),
  },
  {
    breaks:
      'downscope gives what request and grant have in common, in any order of hops, and refuses to give nothing',
    how: 'a request that is partly held is given whole',
    define: wrapped(({ downscope, format }) => ({
      downscope(request) {
        const answer = downscope(request)
        return answer.kind === 'narrowed'
          ? { ...answer, scope: format(request.requested ?? '') }
          : answer
      },
    })),
  },
  {
    breaks: 'downscope says what is missing, and in mode exact gives all or nothing',
    how: 'there is no mode exact',
    define: wrapped(({ downscope }) => ({
      downscope: ({ requested, granted }) => downscope({ requested, granted }),
    })),
  },
  {
    breaks: 'what downscope gave stays below the grant when the vocabulary has grown',
    how: 'a pattern stays if what it stands for today is held',
    define: wrapped(({ downscope, grant, subsetOf }) => ({
      downscope(request) {
        const answer = downscope(request)
        const patterns = grant(request.requested ?? '').tokens.filter(
          (token) => token.includes('*') && subsetOf(token, request.granted),
        )
        return answer.kind === 'narrowed'
          ? { ...answer, scope: [answer.scope, ...patterns].join(' ') }
          : answer
      },
    })),
  },
  {
    breaks:
      'a requested token of which all is held survives, or a wider one that was asked for does',
    how: 'a requested scope is replaced by what it implies',
    define: wrapped(({ downscope, toAtoms }) => ({
      downscope(request) {
        const answer = downscope(request)
        return answer.kind === 'narrowed'
          ? { ...answer, scope: toAtoms(answer.scope).slice(1).join(' ') }
          : answer
      },
    })),
  },
  {
    breaks:
      'two grants are equivalent exactly if no scope tells them apart, and subsets and differences agree',
    how: 'texts are compared',
    define: wrapped(() => ({
      equivalent: (left, right) => tokensOf(left).join(' ') === tokensOf(right).join(' '),
    })),
  },
]
