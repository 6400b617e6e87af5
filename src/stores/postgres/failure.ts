/**
 * What a client has rejected with, without what was sent: postgres.js hangs the parameters on its errors, and PostgreSQL
 * repeats a row in the details of some. They would end in an operator's log.
 */
export function withoutParameters(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error('The client of PostgreSQL rejected.')
  const code = 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : ''
  // A connection that was refused at each of several addresses has a code and no message.
  const said = cause.message === '' ? 'The client of PostgreSQL rejected' : cause.message
  const failure = new Error(`${said.slice(0, MAX_LENGTH)}${code}`)
  failure.name = cause.name
  return failure
}

const MAX_LENGTH = 300
