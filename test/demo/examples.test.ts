/** The examples that people copy: their own checks run here, so that they cannot rot. */
import { spawn } from 'node:child_process'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { root } from '../house/house.js'

const trust = {
  ISSUER: 'https://id.example.com',
  AUDIENCE: 'https://api.example.com',
  JWKS_URL: 'https://id.example.com/jwks',
}
const examples = [
  { name: 'hono-jwt-api', environment: { ...trust, API_URL: 'https://api.example.com' } },
  { name: 'multi-tenant', environment: { ...trust, API_URL: 'https://api.example.com' } },
  { name: 'scopes-and-policy', environment: { ...trust, API_URL: 'https://api.example.com' } },
  { name: 'express-jwt-api', environment: { ...trust, API_URL: 'https://api.example.com' } },
  { name: 'fastify-api-keys', environment: { API_URL: 'https://api.example.com' } },
]

const log = vi.spyOn(console, 'log').mockImplementation(() => {})

beforeEach(() => {
  vi.resetModules()
  log.mockClear()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe.each(examples)('examples/$name', ({ name, environment }) => {
  const load = (file: string) => import(`../../examples/${name}/${file}.ts`)

  it('passes its own check', async () => {
    await load('check')
    expect(log).toHaveBeenCalledExactlyOnceWith('Every answer is as expected.')
  })

  it('starts with its environment', { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', `examples/${name}/server.ts`], {
      cwd: root,
      env: { ...process.env, ...environment, PORT: '0' },
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        printed += String(chunk)
      })
    }
    try {
      await vi.waitFor(() => expect(printed).toContain('Listening on http://'), { timeout: 50_000 })
    } finally {
      child.kill('SIGKILL')
    }
  })

  it.each(Object.keys(environment))('does not start without %s, and says so', async (missing) => {
    for (const [variable, value] of Object.entries(environment)) vi.stubEnv(variable, value)
    vi.stubEnv(missing, undefined)
    await expect(load('server')).rejects.toThrow(missing)
  })
})

describe('the check of an example', () => {
  // Applications that answer everything, whoever asks.
  const open = {
    'hono-jwt-api': () => new Hono().all('*', (c) => c.json([])),
    'multi-tenant': () => new Hono().all('*', (c) => c.json([])),
    'scopes-and-policy': () => new Hono().all('*', (c) => c.json([])),
    'express-jwt-api': () => express().use((_request, response) => void response.json([])),
    'fastify-api-keys': async () => {
      const app = Fastify()
      app.all('*', async () => [])
      return app
    },
  }

  it.each(Object.entries(open))('of %s fails where a door stands open', async (name, createApp) => {
    const app = `../../examples/${name}/app.js`
    vi.doMock(app, async (original) => ({ ...(await original<object>()), createApp }))
    try {
      await expect(import(`../../examples/${name}/check.ts`)).rejects.toThrow('was answered 200')
    } finally {
      vi.doUnmock(app)
    }
    expect(log).not.toHaveBeenCalled()
  })
})
