import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One question as it came over the wire. */
export interface Question {
  readonly request: IncomingMessage
  readonly body: string
  readonly parameters: URLSearchParams
}

type Answer = (question: Question, response: ServerResponse) => void

/** An authorization server's introspection endpoint on a loopback socket, whose behaviour a test sets. */
export interface IntrospectionServer {
  readonly issuer: string
  readonly endpoint: string
  readonly questions: Question[]
  answer: Answer
  close(): Promise<void>
}

export async function startIntrospectionServer(
  answer: Answer = answering({ active: false }),
): Promise<IntrospectionServer> {
  const questions: Question[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const question = { request, body, parameters: new URLSearchParams(body) }
    questions.push(question)
    started.answer(question, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  const issuer = `http://127.0.0.1:${port}`
  const started: IntrospectionServer = {
    issuer,
    endpoint: `${issuer}/introspect`,
    questions,
    answer,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return started
}

/** Answers with this document, or these very bytes. */
export function answering(
  document: object | string | Uint8Array,
  type = 'application/json',
  status = 200,
): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': type })
    const isRaw = typeof document === 'string' || document instanceof Uint8Array
    response.end(isRaw ? document : JSON.stringify(document))
  }
}
