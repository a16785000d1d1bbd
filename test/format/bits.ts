/** @file f32 values and their bits, for tests that compare bits. */

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The bits of the f32 nearest to `value`. */
export function bitsOf(value: number): number {
  float[0] = value;
  return word[0] as number;
}

/** The f32 of these bits. */
export function numberOf(bits: number): number {
  word[0] = bits;
  return float[0] as number;
}

export function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}

/**
 * The first places where two lists of words differ, as text; empty if they are alike. `alike` widens what
 * counts as equal.
 */
export function differences(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  name: (index: number) => string,
  alike: (a: number, b: number) => boolean = () => false,
): string[] {
  const lines = got.length === expected.length ? [] : [`${got.length} words, not ${expected.length}`];
  for (let i = 0; i < expected.length && lines.length < 10; i++) {
    const [a, b] = [got[i] as number, expected[i] as number];
    if (a !== b && !alike(a, b)) lines.push(`${name(i)}: 0x${a?.toString(16)}, not 0x${b.toString(16)}`);
  }
  return lines;
}

/** Whether both are NaN; golden data fixes that a code is NaN, not which. */
export function bothNaN(a: number, b: number): boolean {
  return isNaNBits(a) && isNaNBits(b);
}

/** 0x… of a word. */
export function hex(bits: number): string {
  return `0x${bits.toString(16)}`;
}
