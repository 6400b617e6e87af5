/**
 * A refusal's body: RFC 9457 problem details that also carry RFC 6750's `error`, so that clients of both kinds find
 * what they look for. Every text is one of ours; nothing of the request, the token or the configuration is in it.
 */
export interface Problem {
  readonly type: 'about:blank'
  /** The status in words, as RFC 9457 section 4.2.1 wants it for `about:blank`. */
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly error?: string
}

/** The media type of {@link Problem}. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'
