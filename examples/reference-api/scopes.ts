/** The scopes that exist: what a token may be granted. */
import { defineScopes } from 'sallyport'

export const scopes = defineScopes({
  resources: {
    users: ['read', 'write', 'delete'],
    posts: ['read', 'write', 'delete'],
    teams: ['read', 'delete'],
    weather: ['read'],
  },
  superuser: 'admin:all',
  actionImplies: { write: ['read'] }, // who may write users may read them
  wildcards: 'grants', // a token may say posts:*; a route never may
})
