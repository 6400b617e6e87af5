import { defineConfig } from 'vitest/config'

// Tests of the packed tarball: slow (they run npm), so they are part of `npm run check`, not of `npm test`.
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: 'test/package/tarball.setup.ts',
    testTimeout: 240_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
})
