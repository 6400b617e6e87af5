/** What is wrong with a change log, in the form of keepachangelog.com, of a package at this version. */
export function changelogProblems(text: string, version: string): readonly string[] {
  const lines = text.split('\n')
  const [first, ...rest] = lines
    .filter((line) => line.startsWith('## '))
    .map((line) => line.slice(3))
  if (first !== '[Unreleased]') return ['the first section is [Unreleased]']
  const releases = rest.map((heading) => RELEASE.exec(heading))
  if (releases.includes(null)) return ['a release is headed [x.y.z] - yyyy-mm-dd']
  const versions = releases.map((release) => release?.slice(1, 4).map(Number) ?? [])
  if (!versions.every((newer, index) => isBefore(versions[index + 1], newer))) {
    return ['releases stand newest first, each once']
  }
  if ((versions[0]?.join('.') ?? UNRELEASED) !== version) {
    return [`the newest release is ${version}, as package.json says`]
  }
  return lines
    .filter((line) => line.startsWith('### ') && !KINDS.has(line.slice(4)))
    .map((line) => `${line} is no kind of change`)
}

function isBefore(older: readonly number[] | undefined, newer: readonly number[]): boolean {
  if (older === undefined) return true
  const differing = newer.findIndex((number, index) => number !== older[index])
  return differing >= 0 && (older[differing] ?? 0) < (newer[differing] ?? 0)
}

const RELEASE = /^\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d{2}-\d{2}$/

/** The version in package.json before anything has been released. */
const UNRELEASED = '0.0.0'

const KINDS: ReadonlySet<string> = new Set([
  'Added',
  'Changed',
  'Deprecated',
  'Removed',
  'Fixed',
  'Security',
])
