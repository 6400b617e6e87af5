/** One challenge of an answer, read back from the wire. */
export interface ReadChallenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Reads `WWW-Authenticate` back, several lines joined by commas or not. Takes only what we send, and throws for anything
 * else: quoted values without escapes, no parameter twice.
 */
export function readChallenges(lines: readonly string[]): readonly ReadChallenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let rest = lines.join(', ')
  while (rest !== '') {
    const scheme = /^([A-Za-z][\w-]*) /.exec(rest)
    if (scheme !== null) {
      challenges.push({ scheme: scheme[1] ?? '', parameters: {} })
      rest = rest.slice(scheme[0].length)
    }
    const parameter = /^([\w-]+)="([\x20\x21\x23-\x5b\x5d-\x7e]*)"(?:, |$)/.exec(rest)
    const current = challenges.at(-1)
    if (parameter === null || current === undefined) throw new Error(`no challenge: ${rest}`)
    const [whole, name = '', value = ''] = parameter
    if (name in current.parameters) throw new Error(`${name} stands twice`)
    current.parameters[name] = value
    rest = rest.slice(whole.length)
  }
  return challenges
}
