/** What time would tell, shown by the work that is done; `npm run endurance` measures it. */
import { expect, test, vi } from 'vitest'
import { formatApiKey } from '../../src/credential/api-key.js'
import { timingSafeEqualTexts } from '../../src/runtime/timing-safe.js'
import { INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { createTarget } from './support/target.js'

vi.mock('../../src/runtime/timing-safe.js', { spy: true })

const target = await createTarget()
const { basic, key } = target.doors

onEveryAdapter(target, (attack) => {
  test('timing: an unknown user costs as many password hashes as a known one, and is told the same', async () => {
    for (const userpass of ['ops:wrong', 'nobody:wrong', ':wrong', `${'x'.repeat(500)}:wrong`]) {
      const before = target.seen.hashes
      await attack.isRefused(basic, basic.present(userpass), {
        ...INVALID_TOKEN,
        reason: 'password_wrong',
      })
      expect(target.seen.hashes - before, userpass.slice(0, 10)).toBe(1)
    }
  })

  test('timing: an API key is compared whole by its hash, and an unknown id is compared, too', async () => {
    const { credential } = key.control()
    const [prefix = '', id = '', secret = ''] = credential.split('_')
    const others = [
      formatApiKey({
        prefix,
        id,
        secret: `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1, 43)}`,
      }),
      formatApiKey({
        prefix,
        id,
        secret: `${secret.slice(0, 42)}${secret[42] === 'A' ? 'B' : 'A'}`,
      }),
      formatApiKey({ prefix, id: '0'.repeat(16), secret: secret.slice(0, 43) }),
    ]
    const lengths = new Set<string>()
    for (const other of others) {
      vi.mocked(timingSafeEqualTexts).mockClear()
      await attack.isRefused(key, key.present(other), {
        ...INVALID_TOKEN,
        reason: 'api_key_unknown',
      })
      const calls = vi.mocked(timingSafeEqualTexts).mock.calls
      lengths.add(JSON.stringify(calls.map(([left, right]) => [left.length, right.length])))
    }
    expect([...lengths]).toEqual(['[[64,64],[64,64]]'])
  })
})
