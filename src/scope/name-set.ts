/**
 * Some names of a vocabulary, one bit for each by its number, thirty-two to an element.
 *
 * A plain array, because every grant makes one: a typed array of more than 64 bytes takes ten times as long to make.
 */
export type Bits = number[]

/**
 * The same for keeping, in whichever form is smaller, so that no set takes more than an eighth of a byte for each name of
 * the vocabulary, or four bytes for each of its own.
 */
export type NameSet =
  | { readonly kind: 'few'; readonly size: number; readonly numbers: Int32Array }
  | { readonly kind: 'many'; readonly size: number; readonly words: Int32Array }

/** No bits yet, for a vocabulary of so many names. */
export function noBits(names: number): Bits {
  return new Array<number>((names + 31) >>> 5).fill(0)
}

export function addBit(bits: Bits, number: number): void {
  bits[number >>> 5] = (bits[number >>> 5] ?? 0) | (1 << (number & 31))
}

/** Adds all of one to the other, whose length must be the same. */
export function addBits(to: Bits, from: Bits): void {
  for (let index = 0; index < to.length; index++) to[index] = (to[index] ?? 0) | (from[index] ?? 0)
}

/** The numbers whose bits are there, rising. */
export function numbersIn(bits: Bits): number[] {
  const numbers: number[] = []
  for (let index = 0; index < bits.length; index++) {
    for (let word = bits[index] ?? 0; word !== 0; word &= word - 1) {
      // The lowest bit that is left: of a negative number's, too.
      numbers.push(index * 32 + (31 - Math.clz32(word & -word)))
    }
  }
  return numbers
}

/** Copies bits into the smaller form. */
export function nameSetOf(bits: Bits): NameSet {
  const numbers = numbersIn(bits)
  const size = numbers.length
  return size <= bits.length
    ? { kind: 'few', size, numbers: Int32Array.from(numbers) }
    : { kind: 'many', size, words: Int32Array.from(bits) }
}

export function hasName(set: NameSet, number: number): boolean {
  return set.kind === 'few' ? set.numbers.includes(number) : hasBit(set.words, number)
}

/** Adds every name of the set. Takes at most one step for each element. */
export function addNames(bits: Bits, set: NameSet): void {
  if (set.kind === 'few') {
    for (const number of set.numbers) addBit(bits, number)
    return
  }
  for (let index = 0; index < bits.length; index++) {
    bits[index] = (bits[index] ?? 0) | (set.words[index] ?? 0)
  }
}

/** What is in both, as new bits. Takes at most one step for each element. */
export function bitsInBoth(bits: Bits, set: NameSet): Bits {
  if (set.kind === 'many') return bits.map((word, index) => word & (set.words[index] ?? 0))
  const both = new Array<number>(bits.length).fill(0)
  for (const number of set.numbers) if (hasBit(bits, number)) addBit(both, number)
  return both
}

function hasBit(words: ArrayLike<number>, number: number): boolean {
  return ((words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0
}
