import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

/** Examples and docs import `sallyport` by name; in this repository that name means the source. */
export const sourceAliases = [
  { find: /^sallyport$/, replacement: src('index.ts') },
  { find: /^sallyport\/(jwt|policy|scope|remote|testing)$/, replacement: src('$1/index.ts') },
  { find: /^sallyport\/stores\/(memory|postgres|redis|sqlite)$/, replacement: src('stores/$1.ts') },
  {
    find: /^sallyport\/(express|fastify|hono|fetch|opentelemetry)$/,
    replacement: src('adapters/$1.ts'),
  },
]

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: ['test/package/**', '**/node_modules/**'],
    testTimeout: 20_000,
    // By default one core is left to others: of two, that is half of the speed.
    maxWorkers: '100%',
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/index.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { statements: 95 },
    },
  },
})
