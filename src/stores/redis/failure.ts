/**
 * What a client has rejected with, without what was sent: ioredis hangs the arguments of the command on its errors, and
 * Redis repeats some in a message. They would end in an operator's log.
 */
export function withoutArguments(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error('The client of Redis rejected.')
  const [message = ''] = cause.message.split(', with args beginning with')
  const failure = new Error(message === '' ? codeOf(cause) : message.slice(0, MAX_LENGTH))
  failure.name = cause.name
  return failure
}

/** A connection that was refused at each of several addresses has a code and no message. */
function codeOf(cause: Error): string {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown'
  return `The client of Redis rejected: ${code}.`
}

const MAX_LENGTH = 300
