import { defineConfig } from 'tsup'

// One entry per subpath in package.json's exports. Declarations come from tsc (tsconfig.build.json),
// so that a change of bundler or of compiler touches this file only.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'adapters/express': 'src/adapters/express.ts',
    'adapters/fastify': 'src/adapters/fastify.ts',
    'adapters/hono': 'src/adapters/hono.ts',
    'adapters/opentelemetry': 'src/adapters/opentelemetry.ts',
    'adapters/fetch': 'src/adapters/fetch.ts',
    'jwt/index': 'src/jwt/index.ts',
    'policy/index': 'src/policy/index.ts',
    'scope/index': 'src/scope/index.ts',
    'remote/index': 'src/remote/index.ts',
    'stores/memory': 'src/stores/memory.ts',
    'stores/postgres': 'src/stores/postgres.ts',
    'stores/redis': 'src/stores/redis.ts',
    'stores/sqlite': 'src/stores/sqlite.ts',
    'testing/index': 'src/testing/index.ts',
  },
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  // tsup strips the node: prefix by default; Deno and workerd need it.
  removeNodeProtocol: false,
  external: [/^node:/],
  // Without splitting, a class would exist twice (once per entry that uses it).
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: false,
})
