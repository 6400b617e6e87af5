/** The path of a request target: of `/a?b`, or of a whole URL. */
export function pathOf(target: string): string {
  if (!target.startsWith('/')) return URL.canParse(target) ? new URL(target).pathname : ''
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}
