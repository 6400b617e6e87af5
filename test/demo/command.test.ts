import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { main } from '../../examples/reference-api/demo/main.js'
import { FRAMEWORKS } from '../../examples/reference-api/demo/play.js'
import { root } from '../house/house.js'
import { aTerminal } from './terminal.js'

describe('the command line of the demo', () => {
  it.each([
    [['--framework', 'koa']],
    [['--framework']],
    [['--serve', '--framework', '']],
    [['--port', '3000']],
    [['--serve', '--port', 'http']],
    [['--serve', '--port', '']],
    [['--serve', '--port', '65536']],
    [['--serve', '--port=-1']],
    [['--serve', '--port', '80.5']],
    [['--verbose']],
    [['express']],
  ])('refuses %j with code 2, a sentence and the usage', async (words) => {
    const terminal = aTerminal()
    expect(await main(words, terminal)).toBe(2)
    expect(terminal.complaints[0]).not.toBe('')
    expect(terminal.complaints.join('\n')).toContain('Usage:')
    expect(terminal.printed).toEqual([])
  })

  it.each([['--help'], ['-h']])('explains itself for %s', async (word) => {
    const terminal = aTerminal()
    expect(await main([word], terminal)).toBe(0)
    expect(terminal.printed[0]).toBe('Usage:')
  })
})

describe.each(FRAMEWORKS)('--serve --framework %s', (framework) => {
  it('prints curl lines that get the answers it says, tells each decision, and ends cleanly', async () => {
    const terminal = aTerminal()
    const ended = main(['--serve', '--framework', framework, '--port', '0'], terminal)
    await vi.waitFor(() => expect(terminal.printed.at(-1)).toBe(''), { timeout: 15_000 })

    const lines = [...terminal.printed]
    const curls = lines.flatMap((line, index) =>
      line.startsWith('curl -i') ? [{ line, told: lines[index - 1] ?? '' }] : [],
    )
    expect(curls.length).toBeGreaterThan(12)
    for (const { line, told } of curls) {
      const decisions = terminal.printed.length
      const response = await send(line)
      expect(`# ${response.status}`, told).toBe(told.slice(0, 5))
      expect(terminal.printed.length, told).toBeGreaterThan(decisions)
    }
    expect(terminal.printed.join('\n')).toContain('a credential has leaked (url)')

    terminal.stop()
    expect(await ended).toBe(0)
    await expect(send(curls[0]?.line ?? '')).rejects.toThrow()
  })
})

describe('--serve', () => {
  it('says so if the port is taken, and leaves nothing behind', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    for (const framework of FRAMEWORKS) {
      const words = ['--serve', '--framework', framework, '--port', String(port)]
      await expect(main(words, aTerminal())).rejects.toThrow('EADDRINUSE')
    }
    await new Promise((resolve) => other.close(resolve))
  })

  it('ends with code 0 at Ctrl-C, as a process of its own', { timeout: 60_000 }, async () => {
    const words = ['examples/reference-api/demo.ts', '--serve', '--port', '0']
    const child = spawn(process.execPath, ['--import', 'tsx', ...words], { cwd: root })
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += String(chunk)
    })
    const exit = new Promise((resolve) => child.once('exit', resolve))
    try {
      await vi.waitFor(() => expect(printed).toContain('/up\n'), { timeout: 50_000 })
      child.kill('SIGINT')
      expect(await exit).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('is asked for by a script of package.json', async () => {
    const { default: manifest } = await import(join(root, 'package.json'), {
      with: { type: 'json' },
    })
    expect(manifest.scripts.demo).toBe('tsx examples/reference-api/demo.ts')
  })
})

/** What a shell would make of a curl line of ours: every word is bare or between single quotes. */
function send(line: string): Promise<Response> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare)
  const after = (flag: string) =>
    words.flatMap((word, index) => (word === flag ? [words[index + 1] ?? ''] : []))
  const [body] = after('-d')
  return fetch(words.find((word) => word?.startsWith('http')) ?? '', {
    method: after('-X')[0] ?? 'GET',
    headers: after('-H').map((field): [string, string] => {
      const [name = '', ...value] = field.split(': ')
      return [name, value.join(': ')]
    }),
    ...(body === undefined ? {} : { body }),
  })
}
