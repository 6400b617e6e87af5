import type { StoredRecord } from '../../lifecycle/store/store.js'
import { utf8Text } from '../../shared/bytes.js'

// Clients answer with strings or with bytes, as they are told; what is neither is no reply of Redis.

/** A list of texts and nulls, of this length if one is given. Throws for anything else. */
export function readTexts(reply: unknown, length?: number): readonly (string | null)[] {
  if (!Array.isArray(reply) || (length !== undefined && reply.length !== length)) throw nonsense()
  return reply.map((member: unknown) => (isNothing(member) ? null : readText(member)))
}

/** A whole number from 0 on, as number, bigint or text. Throws for anything else. */
export function readCount(reply: unknown): number {
  const count =
    typeof reply === 'number' || typeof reply === 'bigint' ? Number(reply) : readDigits(reply)
  if (!Number.isSafeInteger(count) || count < 0) throw nonsense()
  return count
}

/** Whether a script has said 1, which no record looks like. */
export function isOne(reply: unknown): boolean {
  return reply === 1 || reply === 1n || (!isNothing(reply) && readText(reply) === '1')
}

/** A record as the scripts write it, null if there is none. Throws for anything else. */
export function readRecord(reply: unknown): StoredRecord | null {
  if (isNothing(reply)) return null
  const text = readText(reply)
  const [head = '', digits = ''] = RECORD.exec(text) ?? []
  const version = Number(digits)
  if (head === '' || !Number.isSafeInteger(version) || version < 1) throw nonsense()
  return { version, value: text.slice(head.length) }
}

/** What a reply that cannot be one is rejected with. Holds nothing of the reply. */
export function nonsense(): Error {
  return new Error('The reply of Redis is none that its command can have.')
}

function isNothing(reply: unknown): reply is null | undefined {
  return reply === null || reply === undefined
}

function readText(reply: unknown): string {
  if (typeof reply === 'string') return reply
  const text = reply instanceof Uint8Array ? utf8Text(reply) : null
  if (text === null) throw nonsense()
  return text
}

function readDigits(reply: unknown): number {
  const text = readText(reply)
  return /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
}

const RECORD = /^(\d{1,16}) (?:\d{1,16}|-) [A-Za-z0-9_-]{16} /
