import type { Request } from 'express'
import type { RequestView } from '../credential/request-view.js'
import { viewNodeRequest } from '../http/request-view.js'

/** A view of Express's request: the whole target below a mount path, and a form that was parsed before. */
export function viewExpressRequest(request: Request): RequestView {
  const { originalUrl: url, body } = request
  const isForm = isRecord(body) && request.is('application/x-www-form-urlencoded')
  return viewNodeRequest(request, isForm ? { url, form: body } : { url })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
