import type { RequestView } from '../../src/credential/request-view.js'

/** A request as the gate sees it. Over TLS unless said otherwise; field names in lower case. */
export function aView(
  options: {
    readonly method?: string
    readonly url?: string
    readonly encrypted?: boolean
    readonly remoteAddress?: string
    readonly fields?: Readonly<Record<string, string>>
    readonly form?: Readonly<Record<string, unknown>>
  } = {},
): RequestView {
  const fields = new Map(Object.entries(options.fields ?? {}))
  return {
    method: options.method ?? 'GET',
    url: options.url ?? '/',
    encrypted: options.encrypted ?? true,
    remoteAddress: options.remoteAddress ?? null,
    field: (name) => fields.get(name) ?? null,
    ...(options.form === undefined ? {} : { form: options.form }),
  }
}
