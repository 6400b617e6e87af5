import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTelemetry } from '../../src/adapters/opentelemetry.js'
import { createGate } from '../../src/gate.js'
import type { GateEvent } from '../../src/outcome/event.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { stubBearer } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => context.disable())

function observed() {
  const spans = new InMemorySpanExporter()
  const tracer = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  }).getTracer('test')
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter })
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
  const tell = openTelemetry({ tracer, meter })
  const gate = createGate({
    resource: 'https://api.example.com',
    scopes: defineScopes({ resources: { things: ['read'] } }),
    verifiers: { user: stubBearer() },
    onEvent: tell,
  })
  const guard = gate.guard({ scopes: 'things:read' })
  return {
    tell,
    tracer,
    spans: () => spans.getFinishedSpans(),
    decide: (token: string, options: Parameters<typeof aView>[0] = {}) =>
      guard.decide(aView({ ...options, fields: { authorization: `Bearer ${token}` } }), undefined),
    /** The counts of one instrument, by its attributes as text. */
    async counts(name: string) {
      await reader.forceFlush()
      const metrics = exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics)
      const points = metrics?.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
      return Object.fromEntries(
        points.map(({ attributes, value }) => [
          Object.values(attributes).join(' '),
          typeof value === 'object' && 'count' in value ? value.count : value,
        ]),
      )
    },
  }
}

describe('decisions', () => {
  test('are counted and timed by outcome and reason', async () => {
    const { decide, counts } = observed()
    for (const token of ['user~a~things.read', 'user~b~things.read', 'junk', 'flood', 'down'])
      await decide(token)
    const expected = {
      granted: 2,
      'invalid_token token_unknown': 1,
      'throttled source_throttled': 1,
      'unavailable store_unavailable': 1,
    }
    expect(await counts('sallyport.decisions')).toEqual(expected)
    expect(await counts('sallyport.decision.duration')).toEqual(expected)
    expect(await counts('sallyport.credentials')).toEqual({
      'user verified': 2,
      'user token_unknown': 1,
      'user source_throttled': 1,
    })
    expect(await counts('sallyport.trouble')).toEqual({ store_unavailable: 1 })
  })

  test('are spans below the one that is active, as long as they took, and errors only if nobody could judge', async () => {
    const { decide, spans, tracer } = observed()
    const parent = tracer.startSpan('GET /things')
    await context.with(trace.setSpan(context.active(), parent), async () => {
      await decide('user~a~things.read')
      await decide('junk')
      await decide('down')
    })
    const decided = spans().map((span) => ({
      name: span.name,
      parent: span.parentSpanContext?.spanId,
      isError: span.status.code === SpanStatusCode.ERROR,
      outcome: span.attributes['sallyport.outcome'],
      step: span.attributes['sallyport.step'],
    }))
    const below = { name: 'sallyport.decide', parent: parent.spanContext().spanId }
    expect(decided).toEqual([
      { ...below, isError: false, outcome: 'granted', step: 'allow' },
      { ...below, isError: false, outcome: 'invalid_token', step: 'verify' },
      { ...below, isError: true, outcome: 'unavailable', step: 'verify' },
    ])
    for (const { startTime, endTime } of spans()) {
      const nanoseconds = (endTime[0] - startTime[0]) * 1e9 + endTime[1] - startTime[1]
      expect(nanoseconds).toBeGreaterThan(0)
    }
  })

  test('have attributes that no client can make up', async () => {
    const { decide, spans } = observed()
    for (const method of ['GET', 'SECRET-METHOD', 'get']) await decide('hidden', { method })
    expect(spans().map(({ attributes }) => attributes['http.request.method'])).toEqual([
      'GET',
      '_OTHER',
      '_OTHER',
    ])
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toMatch(/hidden|SECRET/)
  })
})

describe('what is wrong', () => {
  test('is counted: leaks by place, trouble by kind and verifier', async () => {
    const { decide, tell, counts } = observed()
    await decide('user~a', { url: '/?access_token=x' })
    await decide('user~a', { encrypted: false })
    const slow: GateEvent = {
      kind: 'store_slow',
      at: 1,
      verifier: 'machine',
      milliseconds: 1_500,
      timeoutMilliseconds: 2_000,
    }
    tell(slow)
    tell(slow)
    expect(await counts('sallyport.leaks')).toEqual({ url: 1, cleartext: 1 })
    expect(await counts('sallyport.trouble')).toEqual({ 'store_slow machine': 2 })
  })
})

test('with neither a tracer nor a meter nothing happens', () => {
  expect(() =>
    openTelemetry({})({ kind: 'leaked', at: 1, where: 'url', fingerprint: null }),
  ).not.toThrow()
})
