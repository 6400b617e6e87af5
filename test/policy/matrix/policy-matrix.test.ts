import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { rolesThatMay } from '../../../src/policy/matrix/policy-matrix.js'
import { renderMatrix } from '../../../src/policy/matrix/render-matrix.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write', 'publish'] } })
const policy = definePolicy(scopes, {
  principal: { id: 'string' },
  types: {
    post: {
      attributes: { org: 'string', author: 'string', state: ['draft', 'live'] },
      tenant: 'org',
    },
  },
  roles: {
    reader: ['posts:read'],
    writer: { extends: ['reader'], grants: ['posts:write'] },
    editor: { extends: ['writer'], grants: ['posts:publish'] },
  },
  rules: ({ on, principal, role, allOf, not }) => [
    on('post').allow('all read', 'posts:read'),
    on('post').allow('authors edit', 'posts:write', (post) => post.author.eq(principal.id)),
    on('post').allow('editors edit', 'posts:write', role('editor')),
    on('post').deny('live is frozen', 'posts:write', (post) =>
      allOf(post.state.eq('live'), not(role('editor'))),
    ),
    on('post').allow('drafts are published', 'posts:publish', (post) => post.state.eq('draft')),
  ],
})

describe('a matrix', () => {
  const matrix = policy.matrix()
  const cell = (role: string, action: string) =>
    matrix.cells.find((one) => one.role === role && one.action === action)

  test('says never where the role lacks the action', () => {
    expect(cell('reader', 'posts:write')).toMatchObject({ may: 'never', allows: [], denies: [] })
  })

  test('says always where a rule without condition allows', () => {
    expect(cell('reader', 'posts:read')).toMatchObject({ may: 'always', allows: ['all read'] })
  })

  test('says on which rules it depends', () => {
    expect(cell('writer', 'posts:write')).toMatchObject({
      may: 'depends',
      allows: ['authors edit'],
      denies: ['live is frozen'],
    })
  })

  test('sees what a condition on the role itself comes to', () => {
    expect(cell('editor', 'posts:write')).toMatchObject({
      may: 'always',
      allows: ['authors edit', 'editors edit'],
      denies: [],
    })
  })

  test('answers the other way round: which roles may ever do it', () => {
    expect(rolesThatMay(matrix, 'posts:publish')).toEqual(['editor'])
    expect(rolesThatMay(matrix, 'posts:write', 'post')).toEqual(['writer', 'editor'])
    expect(rolesThatMay(matrix, 'posts:write', 'team')).toEqual([])
  })

  test('is a table in Markdown', () => {
    expect(renderMatrix(matrix)).toBe(
      [
        '| action | type | `reader` | `writer` | `editor` |',
        '| --- | --- | --- | --- | --- |',
        '| `posts:read` | `post` | always | always | always |',
        '| `posts:write` | `post` | never | depends: `authors edit`; not: `live is frozen` | always |',
        '| `posts:publish` | `post` | never | never | depends: `drafts are published` |',
      ].join('\n'),
    )
  })

  test('stands for everybody where roles restrict nothing', () => {
    const { roles, cells } = definePolicy(scopes, {
      types: { post: { attributes: { state: 'string' } } },
      rules: ({ on, not }) => [
        on('post').allow('drafts', 'posts:read', (post) => post.state.eq('draft')),
        on('post').allow('others', 'posts:read', (post) => not(post.state.eq('draft'))),
      ],
    }).matrix()
    expect(roles).toEqual([null])
    // A post without a state is neither.
    expect(cells).toEqual([
      {
        role: null,
        type: 'post',
        action: 'posts:read',
        may: 'depends',
        allows: ['drafts', 'others'],
        denies: [],
      },
    ])
  })

  test('never says of what it has not looked at', () => {
    const names = Array.from({ length: 13 }, (_, index) => `p${index}`)
    const { cells } = definePolicy(scopes, {
      types: { post: { attributes: {} } },
      predicates: Object.fromEntries(names.map((name) => [name, () => true])),
      rules: ({ on, allOf, anyOf, not, predicate }) => [
        on('post').allow('contradiction', 'posts:read', () =>
          anyOf(allOf(predicate('p0'), not(predicate('p0'))), ...names.map(predicate)),
        ),
      ],
    }).matrix()
    expect(cells).toMatchObject([{ may: 'not_proved', allows: ['contradiction'] }])
  })

  test('cannot be broken by a name', () => {
    const hostile = '</td>|\n# x\u001b[2J`*'
    const text = renderMatrix(
      definePolicy(scopes, {
        types: { [hostile]: { attributes: { a: 'string' } } },
        roles: { [hostile]: ['posts:read'] },
        rules: ({ on }) => [on(hostile).allow(hostile, 'posts:read', (one) => one.a.eq('x'))],
      }).matrix(),
    )
    const lines = text.split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) {
      expect(line.match(/\|/g)).toHaveLength(4)
      expect(line).toMatch(/^[ -~]+$/)
      // All that a name has brought along is between two backticks.
      expect(line.replaceAll(/`[^`]+`/g, '')).toMatch(/^[a-z:| -]+$/)
    }
  })

  test('makes code of what would be a link, a mention, a list of names or nothing', () => {
    const names = ['see https://evil.example/x', '@octocat', ':smile:', 'a, b; not: c', ' ', '']
    const text = renderMatrix({
      version: '',
      roles: ['@octocat'],
      cells: [
        {
          role: '@octocat',
          type: 'www.evil.example',
          action: 'x@evil.example',
          may: 'depends',
          allows: names,
          denies: [],
        },
      ],
    })
    expect(text.split('\n')[0]).toBe('| action | type | `@octocat` |')
    expect(text.split('\n')[2]).toBe(
      `| \`x@evil.example\` | \`www.evil.example\` | depends: ${names
        .map((name) => `\`${name === '' ? ' ' : name}\``)
        .join(', ')} |`,
    )
  })

  test('does not cut two long names to the same text', () => {
    const [one, other] = ['x', 'y'].map((end) => `${'a'.repeat(100)}${end}`)
    const cell = { role: null, type: 't', action: 'a', may: 'depends', denies: [] } as const
    const rendered = (name: string) =>
      renderMatrix({ version: '', roles: [null], cells: [{ ...cell, allows: [name] }] })
    expect(rendered(one ?? '')).not.toBe(rendered(other ?? ''))
  })
})

test('what one caller writes to a matrix is in no other', () => {
  const scopes = defineScopes({ resources: { a: ['read'] } })
  const policy = definePolicy(scopes, {
    types: { t: { attributes: {} } },
    roles: { none: [], some: ['a:read'] },
    rules: ({ on }) => [on('t').allow('all', 'a:read')],
  })
  const before = JSON.stringify(policy.matrix())
  for (const { allows, denies } of policy.matrix().cells) {
    for (const list of [allows, denies] as string[][]) {
      // Either it is shut, or it is this caller's own.
      if (!Object.isFrozen(list)) list.push('written')
    }
  }
  expect(JSON.stringify(policy.matrix())).toBe(before)
})
