import { fieldsOf, type TestCredential } from '../requests.js'
import type { RawRequest, RawResponse } from '../send.js'
import { METADATA_URL } from './challenges.js'
import type { ContractFixture } from './fixture.js'

/** What a case works with: the credentials, what the application has seen, and a way to send. */
export interface CaseFixture extends ContractFixture {
  send(request: RawRequest): Promise<RawResponse>
}

/** A sentence about behaviour and the judgement of it; the judgement rejects if the sentence is not true. */
export interface CaseDefinition {
  readonly name: string
  judge(fixture: CaseFixture): Promise<void>
}

/** What an answer must be. Whatever is left out must not be there. */
export interface Expected {
  readonly status: number
  /** The whole `WWW-Authenticate` value, challenges in order joined by `, `. */
  readonly challenges?: string
  /** The members of the JSON body that matter. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly retryAfter?: string
}

/** The case that this request is answered so. */
export function answers(
  name: string,
  build: (fixture: CaseFixture) => RawRequest | Promise<RawRequest>,
  expected: Expected,
): CaseDefinition {
  return {
    name,
    async judge(fixture) {
      const sent = await build(fixture)
      check(await fixture.send(sent), sent, expected)
    },
  }
}

/** A GET with a credential in the place where a well-behaved client puts it. */
export function get(path: string, credential?: TestCredential): RawRequest {
  return request('GET', path, credential === undefined ? [] : Object.entries(fieldsOf(credential)))
}

/** Any request, line by line. */
export function request(method: string, path: string, fields: RawRequest['fields']): RawRequest {
  return { method, path, fields }
}

/** Judges one answer, and that it tells nothing that it should not. Throws if it is not as expected. */
export function check(answer: RawResponse, sent: RawRequest, expected: Expected): void {
  const told = `${sent.method} was answered ${answer.status} ${challengesOf(answer)} ${answer.body}`
  assert(answer.status === expected.status, told)
  assert(
    challengesOf(answer) === (expected.challenges ?? ''),
    `${told}; expected ${expected.challenges}`,
  )
  assert(fieldOf(answer, 'retry-after') === (expected.retryAfter ?? ''), told)
  if (sent.method === 'HEAD') assert(answer.body === '', told)
  else checkMembers(JSON.parse(answer.body), expected, told)
  if (expected.status !== 200) checkRefusal(answer, sent, told)
}

function checkMembers(body: unknown, expected: Expected, told: string): void {
  assert(typeof body === 'object' && body !== null, told)
  const members = new Map(Object.entries(body))
  for (const [name, value] of Object.entries(expected.body ?? {}))
    assert(members.get(name) === value, told)
  if (expected.status === 200) return
  assert(members.get('status') === expected.status, told)
  if (expected.body?.['error'] === undefined) assert(!members.has('error'), told)
}

function checkRefusal(answer: RawResponse, sent: RawRequest, told: string): void {
  assert(fieldOf(answer, 'content-type').startsWith('application/problem+json'), told)
  assert(fieldOf(answer, 'cache-control') === 'no-store', told)
  // Where the metadata is may be told: it says where the API is.
  const text = JSON.stringify([answer.fields, answer.body]).replaceAll(METADATA_URL, '')
  const secrets = sent.fields
    .filter(([name]) => ['authorization', 'x-api-key', 'cookie'].includes(name.toLowerCase()))
    .flatMap(([, value]) => value.split(/[ =;]/))
    .filter((part) => part.length > 12)
  for (const secret of [...secrets, 'https://api.example.com', 'https://id.example.com', 'alice']) {
    assert(!text.includes(secret), 'the answer tells what it should not')
  }
}

/** The challenges of an answer in order, joined as their lines may be. */
export function challengesOf(answer: RawResponse): string {
  return fieldOf(answer, 'www-authenticate')
}

/** All lines of a field, joined by commas. */
export function fieldOf(answer: RawResponse, wanted: string): string {
  return answer.fields
    .filter(([name]) => name === wanted)
    .map(([, value]) => value)
    .join(', ')
}

/** Throws unless it holds. */
export function assert(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message)
}
