import type { Response } from 'express'
import { addedLinesOfGrant, type Field, fieldsOfGrant, respond } from '../http/respond.js'
import type { Granted, Refusal } from '../outcome/outcome.js'

/** Sets the fields of a grant; the handler may set others in their place. */
export function setGrantFields(response: Response, granted: Granted): void {
  setFields(response, fieldsOfGrant(granted), addedLinesOfGrant(granted))
}

/** Answers with a refusal. */
export function refuse(response: Response, refusal: Refusal): void {
  const { status, fields, addedLines, body } = respond(refusal)
  setFields(response, fields, addedLines)
  response.status(status).end(body)
}

function setFields(
  response: Response,
  fields: readonly Field[],
  addedLines: readonly Field[],
): void {
  for (const [name, value] of fields) response.setHeader(name, value)
  for (const [name, value] of addedLines) response.append(name, value)
}
