/** What tokens may be granted, and who may do what to which article. No request comes by here: it is data. */
import { defineScopes } from 'sallyport'
import { definePolicy } from 'sallyport/policy'

export const scopes = defineScopes({
  resources: { articles: ['read', 'write'] },
  actionImplies: { write: ['read'] },
})

export const policy = definePolicy(scopes, {
  principal: { id: 'string', sections: 'strings' },
  // What kind of thing. A role gives nothing by itself: of what it has, the rules below allow some.
  roles: {
    reader: ['articles:read'],
    writer: { extends: ['reader'], grants: ['articles:write'] },
    editor: { extends: ['writer'] },
  },
  types: {
    article: {
      attributes: {
        id: 'string',
        title: 'string',
        author: 'string',
        section: 'string',
        state: ['draft', 'live'],
        embargo: 'number', // seconds since the epoch
        fee: 'number',
      },
      conceal: 'articles:read', // what one may not read does not exist
    },
  },
  // To which one.
  rules: ({ on, principal, context, role, allOf, anyOf, not }) => [
    on('article').allow('what is published', 'articles:read', ({ state, embargo }) =>
      allOf(state.eq('live'), embargo.lte(context.now)),
    ),
    on('article').allow("one's own", ['articles:read', 'articles:write'], ({ author }) =>
      author.eq(principal.id),
    ),
    on('article').allow(
      'editors of the section',
      ['articles:read', 'articles:write'],
      ({ section }) => allOf(role('editor'), section.in(principal.sections)),
    ),
    on('article').deny('only editors correct what is live', 'articles:write', ({ state }) =>
      allOf(state.eq('live'), not(role('editor'))),
    ),

    // How much of it.
    on('article').fields('for everybody', 'articles:read', [
      'id',
      'title',
      'author',
      'section',
      'state',
    ]),
    on('article').fields('fees', 'articles:read', ['fee'], ({ author }) =>
      anyOf(author.eq(principal.id), role('editor')),
    ),
    on('article').fields('for writers', 'articles:write', ['title']),
    on('article').fields('for editors', 'articles:write', ['state', 'embargo'], role('editor')),
  ],
})
