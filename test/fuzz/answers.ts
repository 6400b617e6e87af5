/** One answer as it came, and whether the connection ends with it. */
export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
  readonly closes: boolean
}

/** Takes answers out of a stream of bytes (one character each). */
export interface AnswerReader {
  push(text: string): void
  /** The next whole answer; null if there is none yet. `isHead`: the answer to HEAD has no body. */
  take(isHead: boolean): Answer | null
  /** What is left of the stream. */
  rest(): string
}

export function answerReader(): AnswerReader {
  let text = ''
  return {
    push(more) {
      text += more
    },
    take(isHead) {
      for (;;) {
        const end = text.indexOf('\r\n\r\n')
        if (end < 0) return null
        const head = text.slice(0, end)
        const status = Number(head.slice(9, 12))
        if (status < 200) {
          text = text.slice(end + 4)
          continue
        }
        const bodyEnd = endOfBody(head, end + 4, isHead || status === 204 || status === 304)
        if (bodyEnd === null) return null
        const body = text.slice(end + 4, bodyEnd)
        text = text.slice(bodyEnd)
        return { status, head, body, closes: /\r\nconnection: close/i.test(head) }
      }
    },
    rest: () => text,
  }

  function endOfBody(head: string, start: number, isBodyless: boolean): number | null {
    if (isBodyless) return start
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    if (length !== undefined) {
      const end = start + Number(length)
      return text.length < end ? null : end
    }
    return /\r\ntransfer-encoding: chunked/i.test(head) ? endOfChunks(start) : start
  }

  function endOfChunks(start: number): number | null {
    for (let at = start; ; ) {
      const lineEnd = text.indexOf('\r\n', at)
      if (lineEnd < 0) return null
      const size = Number.parseInt(text.slice(at, lineEnd), 16)
      if (Number.isNaN(size)) throw new Error('a chunk without its size')
      at = lineEnd + 2 + size + 2
      if (text.length < at) return null
      if (size === 0) return at
    }
  }
}
