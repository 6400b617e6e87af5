import type { FastifyReply } from 'fastify'
import { addedLinesOfGrant, type Field, fieldsOfGrant, respond } from '../http/respond.js'
import type { Granted, Refusal } from '../outcome/outcome.js'

/** Sets the fields of a grant; the handler may set others in their place. */
export function setGrantFields(reply: FastifyReply, granted: Granted): void {
  setFields(reply, fieldsOfGrant(granted), addedLinesOfGrant(granted))
}

/** Answers with a refusal. */
export function refuse(reply: FastifyReply, refusal: Refusal): void {
  const { status, fields, addedLines, body } = respond(refusal)
  setFields(reply, fields, addedLines)
  reply.code(status).send(body)
}

function setFields(
  reply: FastifyReply,
  fields: readonly Field[],
  addedLines: readonly Field[],
): void {
  for (const [name, value] of fields) reply.header(name, value)
  for (const [name, value] of addedLines) {
    const before = reply.getHeader(name)
    reply.header(name, before === undefined ? value : [before, value].flat().map(String))
  }
}
