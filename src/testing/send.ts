import { ConfigurationError } from '../errors.js'
import { type NodeSocket, nodeNet } from '../runtime/node-net.js'
import { within } from '../runtime/within.js'
import { isLoopbackHost } from '../shared/secure-url.js'

/** A request as lines: fields may repeat and may hold what `fetch` would refuse. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** An answer as it came over the wire. */
export interface RawResponse {
  readonly status: number
  /** Names in lower case, every line. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/**
 * Sends one request over a socket of its own and reads the whole answer. Loopback only.
 *
 * @returns (rejects) an Error if there is no whole answer within 10 seconds; ConfigurationError `option_invalid` for
 *   another origin, and where the runtime has no `node:net`
 */
export async function sendRaw(origin: string, request: RawRequest): Promise<RawResponse> {
  const { hostname, port, host } = new URL(origin)
  const net = nodeNet()
  if (net === null || !isLoopbackHost(hostname)) {
    throw new ConfigurationError('option_invalid', 'sendRaw needs node:net and a loopback origin.')
  }
  const address = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const exchange = exchangeText(net.connect(Number(port), address), textOf(request, host))
  const waited = await within(10_000, exchange.answer)
  exchange.end()
  const response = waited.kind === 'settled' ? parseResponse(waited.value, request.method) : null
  if (response === null) throw new Error(`no whole answer to ${request.method} ${request.path}`)
  return response
}

function textOf(request: RawRequest, host: string): string {
  const { method, path, fields, body = '' } = request
  const hasHost = fields.some(([name]) => name.toLowerCase() === 'host')
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(hasHost ? [] : [`Host: ${host}`]),
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
    'Connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function exchangeText(socket: NodeSocket, text: string): { answer: Promise<string>; end(): void } {
  const answer = new Promise<string>((resolve, reject) => {
    let received = ''
    socket.on('connect', () => socket.write(text, 'latin1'))
    socket.on('data', (chunk) => {
      for (const byte of chunk) received += String.fromCharCode(byte)
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
  return { answer, end: () => socket.destroy() }
}

/** Null if the text is not a whole response. */
function parseResponse(text: string, method: string): RawResponse | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [statusLine = '', ...fieldLines] = text.slice(0, end).split('\r\n')
  const fields = fieldLines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const fieldOf = (wanted: string) => fields.find(([name]) => name === wanted)?.[1]
  const rest = text.slice(end + 4)
  const body = fieldOf('transfer-encoding') === 'chunked' ? unchunked(rest) : rest
  const length = method === 'HEAD' ? '0' : (fieldOf('content-length') ?? String(body.length))
  return body.length === Number(length)
    ? { status: Number(statusLine.split(' ')[1]), fields, body }
    : null
}

function unchunked(body: string): string {
  let text = ''
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.slice(at, lineEnd), 16)
    if (lineEnd < 0 || !(size > 0)) break
    text += body.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
  return text
}
