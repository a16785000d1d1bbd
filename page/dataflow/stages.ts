/** @file The stages of a number's way, and a sentence for whoever meets FP8 for the first time. */

export const stages = [
  {
    id: 'values',
    title: 'Values',
    sentence:
      'One output is the sum of K products: a row of activations A times a row of weights B, element by element. ' +
      'The values are 32-bit numbers; to multiply fast, they first have to fit into few bits.',
  },
  {
    id: 'amax',
    title: 'Largest magnitude',
    sentence:
      'Values are cut into tiles that share a scale. The largest magnitude of a tile (its amax) decides the scale, ' +
      'so that no value of the tile is too large for the format.',
  },
  {
    id: 'scale',
    title: 'Scale',
    sentence:
      "The scale maps the tile's largest magnitude to the largest number of the format. How that division is " +
      'rounded differs between implementations, and changes bits: this is the dialect.',
  },
  {
    id: 'code',
    title: 'Code',
    sentence:
      'Each value, in units of its scale, is rounded to the nearest number that the format has. What is kept is the ' +
      'code: a sign, an exponent that says how large, and a mantissa that says how exactly.',
  },
  {
    id: 'tile',
    title: 'Tile',
    sentence:
      "The codes of a step along K lie side by side in the workgroup's memory. One step of the matrix instruction " +
      'takes one stretch of A and one of B from there.',
  },
  {
    id: 'product',
    title: 'Products',
    sentence:
      'Codes are multiplied exactly: significands as whole numbers, exponents by adding. Nothing is rounded here. ' +
      'The products have very different sizes, and that is the difficulty of what follows.',
  },
  {
    id: 'align',
    title: 'Alignment',
    sentence:
      'To be added at once, all products of a step are shifted to the largest exponent among them. The accumulator ' +
      'keeps few bits below it: whatever reaches further down falls off.',
  },
  {
    id: 'sum',
    title: 'Partial sum',
    sentence:
      "What is left adds up exactly, is cut to the result's bits, and goes into the next step as one more term. The " +
      'longer the sum, the more small products meet a large sum and lose their bits.',
  },
  {
    id: 'promote',
    title: 'Promotion',
    sentence:
      'After every interval the partial sum leaves the matrix unit: it is multiplied by the scales and added to an ' +
      'accumulator of 32 bits, and the short sum starts again from zero.',
  },
  {
    id: 'output',
    title: 'Output',
    sentence:
      'The last accumulator, rounded to the output’s type, is the result. How far is it from the truth?',
  },
] as const;

export type StageId = (typeof stages)[number]['id'];
export type Stage = (typeof stages)[number];
