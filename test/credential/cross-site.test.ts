import { describe, expect, test } from 'vitest'
import { isCrossSite, isPreflight } from '../../src/credential/cross-site.js'
import { aView } from '../support/views.js'

const TRUSTED = new Set(['https://api.example.com', 'https://app.example.com'])
const posted = (fields: Record<string, string>) => aView({ method: 'POST', fields })

describe('cross-site requests', () => {
  test.each([
    ['from the own site', { 'sec-fetch-site': 'same-origin' }, false],
    ['typed by the user', { 'sec-fetch-site': 'none' }, false],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, true],
    ['from a sibling subdomain', { 'sec-fetch-site': 'same-site' }, true],
    ['from an unknown future value', { 'sec-fetch-site': 'x' }, true],
    [
      'from a trusted origin on another site',
      { 'sec-fetch-site': 'same-site', origin: 'https://app.example.com' },
      false,
    ],
    ['with the own origin', { origin: 'https://api.example.com' }, false],
    ['with another origin', { origin: 'https://evil.example' }, true],
    ['with a prefix of a trusted origin', { origin: 'https://api.example.com.evil.example' }, true],
    ['with the null origin', { origin: 'null' }, true],
    ['from no browser', {}, false],
  ])('a POST with a cookie %s', (_, fields, crossSite) => {
    expect(isCrossSite(posted(fields), 'cookie', TRUSTED)).toBe(crossSite)
    expect(isCrossSite(posted(fields), 'basic', TRUSTED)).toBe(crossSite)
  })

  test('credentials that a browser never adds by itself are not judged', () => {
    const request = posted({ 'sec-fetch-site': 'cross-site' })
    expect(isCrossSite(request, 'bearer', TRUSTED)).toBe(false)
    expect(isCrossSite(request, 'api-key', TRUSTED)).toBe(false)
  })

  test('a WebSocket is judged like a request that writes, though it is opened by GET', () => {
    const opened = (fields: Record<string, string>) =>
      isCrossSite(aView({ fields: { upgrade: 'websocket', ...fields } }), 'cookie', TRUSTED)
    expect(opened({ 'sec-fetch-site': 'cross-site' })).toBe(true)
    expect(opened({ origin: 'https://evil.example' })).toBe(true)
    expect(opened({ origin: 'https://app.example.com' })).toBe(false)
    expect(opened({})).toBe(false)
  })

  test('the method decides, and an unknown or lower-case method is not safe', () => {
    const fields = { 'sec-fetch-site': 'cross-site' }
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect(isCrossSite(aView({ method, fields }), 'cookie', TRUSTED)).toBe(false)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PROPFIND', 'get', '']) {
      expect(isCrossSite(aView({ method, fields }), 'cookie', TRUSTED)).toBe(true)
    }
  })
})

describe('preflights', () => {
  const fields = { origin: 'https://a.example', 'access-control-request-method': 'PUT' }

  test('a preflight is OPTIONS with an origin and the method it asks for', () => {
    expect(isPreflight(aView({ method: 'OPTIONS', fields }))).toBe(true)
    expect(isPreflight(aView({ method: 'GET', fields }))).toBe(false)
    expect(isPreflight(aView({ method: 'OPTIONS', fields: { origin: 'https://a.example' } }))).toBe(
      false,
    )
    expect(isPreflight(aView({ method: 'OPTIONS' }))).toBe(false)
  })
})
