import { ConfigurationError } from '../errors.js'
import { nodeNet } from '../runtime/node-net.js'
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
 * Sends one request over a socket of its own and reads the whole answer. Loopback only; ends after 10 seconds.
 *
 * @throws Error if there is no answer; ConfigurationError `option_invalid` where the runtime has no `node:net`
 */
export function sendRaw(origin: string, request: RawRequest): Promise<RawResponse> {
  const { hostname, port, host } = new URL(origin)
  const net = nodeNet()
  if (net === null || !isLoopbackHost(hostname)) {
    throw new ConfigurationError('option_invalid', 'sendRaw needs node:net and a loopback origin.')
  }
  const lines = [
    `${request.method} ${request.path} HTTP/1.1`,
    ...(request.fields.some(([name]) => name.toLowerCase() === 'host') ? [] : [`Host: ${host}`]),
    ...request.fields.map(([name, value]) => `${name}: ${value}`),
    ...(request.body === undefined ? [] : [`Content-Length: ${request.body.length}`]),
    'Connection: close',
  ]
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname)
    let text = ''
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('connect', () => {
      socket.write(`${lines.join('\r\n')}\r\n\r\n${request.body ?? ''}`, 'latin1')
    })
    socket.on('data', (chunk) => {
      for (const byte of chunk) text += String.fromCharCode(byte)
    })
    socket.on('error', reject)
    socket.on('close', () => {
      const response = parseResponse(text)
      if (response === null) reject(new Error(`no answer to ${request.method} ${request.path}`))
      else resolve(response)
    })
  })
}

function parseResponse(text: string): RawResponse | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [statusLine = '', ...fieldLines] = text.slice(0, end).split('\r\n')
  const fields = fieldLines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const chunked = fields.some(
    ([name, value]) => name === 'transfer-encoding' && value === 'chunked',
  )
  const body = text.slice(end + 4)
  return {
    status: Number(statusLine.split(' ')[1]),
    fields,
    body: chunked ? unchunked(body) : body,
  }
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
