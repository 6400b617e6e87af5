import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clientCertificateOf,
  parseClientCertificate,
} from '../../src/credential/client-certificate.js'
import { checkedProxy, type ProxyOptions } from '../../src/credential/proxy.js'
import type { RequestView } from '../../src/credential/request-view.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { selfSigned } from '../support/self-signed.js'
import { stubBearer } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

const { cert: pem } = selfSigned('client')
const der = new X509Certificate(pem).raw
const base64 = der.toString('base64')
const escaped = encodeURIComponent(pem)
const bytesOf = (value: string) => {
  const bytes = parseClientCertificate(value)
  return bytes === null ? null : Buffer.from(bytes).toString('base64')
}

describe('a certificate in a field', () => {
  test.each([
    ['as RFC 9440 has it', `:${base64}:`],
    ['as nginx escapes it', escaped],
    ['with the line ends of another system', escaped.replaceAll('%0A', '%0D%0A')],
    ['with a chain behind it', `${escaped}${encodeURIComponent(selfSigned('issuer').cert)}`],
  ])('%s', (_, value) => {
    expect(bytesOf(value)).toBe(base64)
  })

  test.each([
    ['nothing', ''],
    ['one colon', ':'],
    ['no bytes', '::'],
    ['bytes without colons', base64],
    ['bytes without the colon behind them', `:${base64}`],
    ['bytes without the colon before them', `${base64}:`],
    ['two lines', `:${base64}:, :${base64}:`],
    ['two lines of PEM', `${escaped}, ${escaped}`],
    ['a line of PEM and an empty one', `${escaped}, `],
    ['a line of PEM and one of bytes', `${escaped}, :${base64}:`],
    ['more padding than there is', `:${base64}=:`],
    ['a space', `: ${base64}:`],
    ['something before PEM', `x${escaped}`],
    ['PEM that does not end', escaped.slice(0, -40)],
    ['an escape that does not end', `${escaped}%`],
    ['another kind of PEM', escaped.replace('CERTIFICATE', 'PRIVATE%20KEY')],
    ['the word of a proxy that has none', '(null)'],
    ['more than a field may have', `:${'A'.repeat(16_384)}:`],
  ])('%s is none', (_, value) => {
    expect(bytesOf(value)).toBeNull()
  })

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('', ':', '-----BEGIN CERTIFICATE-----'),
        (text, start) => {
          parseClientCertificate(start + text)
        },
      ),
    )
  })
})

describe('whose certificate it is', () => {
  const own = Uint8Array.of(1)
  const view = (remoteAddress: string | undefined, value = `:${base64}:`): RequestView =>
    Object.assign(
      aView({
        fields: { 'client-cert': value },
        ...(remoteAddress === undefined ? {} : { remoteAddress }),
      }),
      { clientCertificate: () => own },
    )
  const asked = (request: RequestView, proxy: ProxyOptions | null) => {
    const certificate = clientCertificateOf(request, proxy === null ? null : checkedProxy(proxy))
    return certificate === own ? 'own' : certificate === null ? null : 'said'
  }
  const addresses = ['10.0.0.0/8']
  const clientCertificateField = 'Client-Cert'

  test('without a proxy the connection tells, and no field does', () => {
    expect(asked(view('192.0.2.1'), null)).toBe('own')
    expect(asked(aView({ fields: { 'client-cert': `:${base64}:` } }), null)).toBeNull()
  })

  test('from a trusted proxy its field tells, and never the connection', () => {
    expect(asked(view('10.0.0.1'), { addresses, clientCertificateField })).toBe('said')
    expect(asked(view('10.0.0.1'), { hops: 1, clientCertificateField })).toBe('said')
    expect(asked(view('10.0.0.1', 'junk'), { hops: 1, clientCertificateField })).toBeNull()
    expect(asked(view('10.0.0.1'), { addresses })).toBeNull()
  })

  test('from elsewhere the field is a client’s own word', () => {
    expect(asked(view('192.0.2.1'), { addresses, clientCertificateField })).toBe('own')
    expect(asked(view(undefined), { addresses, clientCertificateField })).toBeNull()
  })

  test('a gate hands its verifiers what the proxy says', async () => {
    const seen: (string | null)[] = []
    const gate = createGate({
      resource: 'https://api.example.com',
      proxy: { hops: 1, clientCertificateField },
      verifiers: {
        user: {
          ...stubBearer(),
          verify(_, context) {
            const certificate = context.clientCertificate()
            seen.push(certificate === null ? null : Buffer.from(certificate).toString('base64'))
            return { kind: 'refused', reason: 'token_unknown' }
          },
        },
      },
    })
    const fields = { authorization: 'Bearer a', 'x-forwarded-proto': 'https' }
    const guard = gate.guard({ scopes: authenticated() })
    await guard.decide(aView({ fields: { ...fields, 'client-cert': escaped } }), undefined)
    await guard.decide(aView({ fields }), undefined)
    expect(seen).toEqual([base64, null])
  })
})
