import { connect, type Socket } from 'node:net'
import { type Answer, answerReader } from './answers.js'
import type { FuzzRequest } from './draft.js'

/** What became of one request: its answer, or none. */
export type Judge = (request: FuzzRequest, answer: Answer | null) => void

/** Told when nothing comes for so long that it will not come any more. */
export type OnHang = (request: FuzzRequest) => void

/** Sends well-framed requests over one connection, many at a time, and makes a new one when the server has closed it. */
export class Pipeline {
  readonly #port: number
  readonly #judge: Judge
  readonly #onHang: OnHang
  #socket: Socket | null = null
  /** How often the server ended a connection. */
  reconnects = 0

  constructor(port: number, judge: Judge, onHang: OnHang) {
    this.#port = port
    this.#judge = judge
    this.#onHang = onHang
  }

  /** Each request gets its own answer judged, in order. Which of them made the server close is told by asking singly. */
  async send(batch: readonly FuzzRequest[]): Promise<void> {
    let left = batch
    let width = batch.length
    let attempts = 0
    while (left.length > 0) {
      const { answers, isOpen } = await this.#exchange(left.slice(0, width))
      // Where the connection broke down, the last answer may be to the bytes of a later request.
      const certain = isOpen || width === 1 ? answers : answers.filter(isOurs)
      for (const [index, answer] of certain.entries()) {
        const request = left[index]
        if (request !== undefined) this.#judge(request, answer)
      }
      left = left.slice(certain.length)
      attempts = certain.length > 0 ? 0 : attempts + 1
      if (!isOpen) width = 1
      const [stuck, ...others] = left
      if (attempts > 2 && stuck !== undefined) {
        this.#judge(stuck, null)
        left = others
        attempts = 0
      }
    }
  }

  end(): void {
    this.#socket?.destroy()
    this.#socket = null
  }

  #exchange(
    batch: readonly FuzzRequest[],
  ): Promise<{ readonly answers: readonly Answer[]; readonly isOpen: boolean }> {
    const socket = this.#socket ?? connect(this.#port, '127.0.0.1').setNoDelay()
    this.#socket = socket
    const reader = answerReader()
    const answers: Answer[] = []
    return new Promise((resolve) => {
      const finish = (isOpen: boolean): void => {
        clearTimeout(timer)
        socket.removeAllListeners()
        socket.on('error', () => {})
        if (!isOpen) {
          socket.destroy()
          this.#socket = null
          this.reconnects += 1
        }
        resolve({ answers, isOpen })
      }
      const timer = setTimeout(() => {
        const unanswered = batch[answers.length]
        if (unanswered !== undefined) this.#onHang(unanswered)
        finish(false)
      }, HANG_MILLISECONDS)
      socket.on('data', (chunk) => {
        reader.push(chunk.toString('latin1'))
        while (answers.length < batch.length) {
          const answer = reader.take(batch[answers.length]?.text.startsWith('HEAD ') === true)
          if (answer === null) return
          answers.push(answer)
          if (answer.closes) return finish(false)
        }
        finish(true)
      })
      socket.on('error', () => finish(false))
      socket.on('close', () => finish(false))
      socket.write(batch.map(({ text }) => text).join(''), 'latin1')
    })
  }
}

/** Whether a handler of the application or a guard has answered, and not the parser in front of them. */
function isOurs({ head }: Answer): boolean {
  return /\r\ndate: /i.test(head)
}

/**
 * Sends one request over a connection of its own, whatever its framing, and gathers what comes back until the server
 * has closed or has nothing more to say.
 */
export function sendAlone(port: number, request: FuzzRequest, onHang: OnHang): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').setNoDelay()
    let received = ''
    let quiet = setTimeout(halfClose, QUIET_MILLISECONDS)
    const hang = setTimeout(() => {
      onHang(request)
      socket.destroy()
    }, HANG_MILLISECONDS)
    function halfClose(): void {
      socket.end()
    }
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      clearTimeout(quiet)
      quiet = setTimeout(halfClose, AFTER_ANSWER_MILLISECONDS)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(quiet)
      clearTimeout(hang)
      resolve(received)
    })
    socket.write(request.text, 'latin1')
  })
}

/** Generous: the machine may have better things to do. */
const HANG_MILLISECONDS = 20_000
/** How long a request that never ends is waited for. */
const QUIET_MILLISECONDS = 150
const AFTER_ANSWER_MILLISECONDS = 20
