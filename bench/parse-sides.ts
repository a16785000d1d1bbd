/** @file Sizes as people write them: 4096x7168x2048, 64 × 64 × 128. */

/** Beyond this no device has a buffer for an operand, and a typing error is likelier. */
export const largestSide = 2 ** 20;

/** So many whole numbers from 1 to largestSide with x, × or * between; undefined for anything else. */
export function parseSides(text: string, count: number): number[] | undefined {
  const sides = text
    .trim()
    .split(/\s*[x×*]\s*/i)
    .map((side) => (/^\d+$/.test(side) ? Number(side) : 0));
  return sides.length === count && sides.every((side) => side >= 1 && side <= largestSide)
    ? sides
    : undefined;
}
