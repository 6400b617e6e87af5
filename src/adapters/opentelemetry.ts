/** OpenTelemetry: turns a gate's events into counters, and each decision into a span. */
import type { Attributes, Meter, Tracer } from '@opentelemetry/api'
import type { DecidedEvent, GateEvent } from '../outcome/event.js'
import { wallMilliseconds } from '../runtime/clock.js'

/** Where the figures go; leave one out to have only the other. Providers are the application's business. */
export interface OpenTelemetryOptions {
  /** As from `trace.getTracer('my-api')`. */
  readonly tracer?: Tracer
  /** As from `metrics.getMeter('my-api')`. */
  readonly meter?: Meter
}

/**
 * Makes a listener for `onEvent`: `createGate({ onEvent: openTelemetry({ tracer, meter }) })`.
 *
 * Spans: `sallyport.decide`, one for each decision, a child of whatever span is active; an error only if the request could
 * not be judged. Instruments: `sallyport.decisions` and `sallyport.decision.duration` (seconds) by outcome and reason,
 * `sallyport.credentials` by verifier and result, `sallyport.leaks` by place, and `sallyport.trouble` by kind: stores,
 * issuers and keys that fail or are about to.
 *
 * Attributes are codes of ours and names from the configuration: no request, token or user can make up a new one, and none
 * is in them.
 */
export function openTelemetry({ tracer, meter }: OpenTelemetryOptions): (event: GateEvent) => void {
  const decisions = meter?.createCounter('sallyport.decisions', {
    description: 'Requests that were decided',
  })
  const duration = meter?.createHistogram('sallyport.decision.duration', {
    description: 'From the question to the answer, waiting included',
    unit: 's',
  })
  const credentials = meter?.createCounter('sallyport.credentials', {
    description: 'Credentials that were proven, refused, or not looked at',
  })
  const leaks = meter?.createCounter('sallyport.leaks', {
    description: 'Credentials that came in a URL or without TLS',
  })
  const trouble = meter?.createCounter('sallyport.trouble', {
    description: 'What failed on our side, or is about to',
  })
  return (event) => {
    switch (event.kind) {
      case 'decided': {
        const attributes = attributesOf(event)
        decisions?.add(1, attributes)
        duration?.record(event.durationMilliseconds / 1_000, attributes)
        if (tracer !== undefined) recordSpan(tracer, event, attributes)
        return
      }
      case 'verified':
        credentials?.add(1, {
          'sallyport.verifier': event.verifier,
          'sallyport.result': 'verified',
        })
        return
      case 'refused':
        credentials?.add(1, {
          'sallyport.verifier': event.verifier,
          'sallyport.result': event.reason,
        })
        return
      case 'throttled':
        credentials?.add(1, {
          'sallyport.verifier': event.verifier,
          'sallyport.result': `${event.limit}_throttled`,
        })
        return
      case 'leaked':
        leaks?.add(1, { 'sallyport.where': event.where })
        return
      case 'failed':
        trouble?.add(1, { 'sallyport.kind': event.reason })
        return
      case 'revocation_stale':
        trouble?.add(event.accepted, { 'sallyport.kind': event.kind })
        return
      default:
        trouble?.add(1, { 'sallyport.kind': event.kind, 'sallyport.verifier': event.verifier })
    }
  }
}

function attributesOf({ outcome, reason }: DecidedEvent): Attributes {
  return {
    'sallyport.outcome': outcome,
    ...(reason === null ? {} : { 'sallyport.reason': reason }),
  }
}

/** The decision is over when its event comes, so its span is written down afterwards, with the times that it had. */
function recordSpan(tracer: Tracer, event: DecidedEvent, attributes: Attributes): void {
  const endTime = wallMilliseconds()
  const span = tracer.startSpan('sallyport.decide', {
    startTime: endTime - event.durationMilliseconds,
    attributes: {
      ...attributes,
      'sallyport.step': event.trace.at(-1)?.step ?? '',
      'http.request.method': METHODS.has(event.method) ? event.method : '_OTHER',
    },
  })
  if (event.outcome === 'unavailable') span.setStatus({ code: ERROR })
  span.end(endTime)
}

/** What a client may write there is endless. @see OpenTelemetry semantic conventions for HTTP, http.request.method */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
])
/** `SpanStatusCode.ERROR`, without importing the package when the application does not. */
const ERROR = 2
