// Fails when package-lock.json names an optional platform binary that it does not lock. A lock file written on one
// platform can silently lack the others' binaries; `npm ci` then refuses it, or a contributor on macOS gets nothing.
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
)

const isLocked = (from, name) => {
  for (
    let base = from;
    ;
    base = base.slice(0, Math.max(0, base.lastIndexOf('node_modules/') - 1))
  ) {
    if (packages[`${base}${base === '' ? '' : '/'}node_modules/${name}`] !== undefined) return true
    if (base === '') return false
  }
}

const missing = Object.entries(packages).flatMap(([path, entry]) =>
  Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !isLocked(path, name))
    .map((name) => `${path}: ${name}`),
)

if (missing.length > 0) {
  console.error(
    `package-lock.json lacks ${missing.length} optional binaries:\n${missing.join('\n')}`,
  )
  process.exit(1)
}
console.log(`lock file complete: ${Object.keys(packages).length} entries`)
