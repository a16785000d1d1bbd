/** @file What a shader is asked to compute: one operation on operands given as bits, as WGSL writes it. */

/** Operations in the order of their numbers in shaders/probe/arithmetic.wgsl. */
export const operations = [
  'copy',
  'negate',
  'add',
  'subtract',
  'multiply',
  'divide',
  'fma',
  'multiply-add',
  'sum3',
  'add-back',
  'minus-itself',
  'times-zero',
  'dot2',
  'dot4',
  'minimum',
  'maximum',
  'sqrt',
  'inverse-sqrt',
  'exp2',
  'log2',
  'exp',
  'log',
  'to-i32',
  'to-u32',
  'from-i32',
  'from-u32',
  'to-f16',
  'from-f16',
  'to-f16-neighbor',
] as const;
export type Operation = (typeof operations)[number];

/**
 * Each operation in the words of questions: where there is one, as an expression of WGSL over its operands in order.
 */
export const expressions: Readonly<Record<Operation, string>> = {
  copy: 'x',
  negate: '-x',
  add: 'x + y',
  subtract: 'x - y',
  multiply: 'x * y',
  divide: 'x / y',
  fma: 'fma(x, y, z)',
  'multiply-add': 'x * y + z',
  sum3: 'x + y + z',
  'add-back': '(x + y) - y',
  'minus-itself': 'x - x',
  'times-zero': 'x * 0',
  dot2: 'dot() of two vec2',
  dot4: 'dot() of two vec4',
  minimum: 'min(x, y)',
  maximum: 'max(x, y)',
  sqrt: 'sqrt(x)',
  'inverse-sqrt': 'inverseSqrt(x)',
  exp2: 'exp2(x)',
  log2: 'log2(x)',
  exp: 'exp(x)',
  log: 'log(x)',
  'to-i32': 'i32(x)',
  'to-u32': 'u32(x)',
  'from-i32': 'from i32',
  'from-u32': 'from u32',
  'to-f16': 'to f16',
  'from-f16': 'from f16',
  'to-f16-neighbor': 'the other half of pack2x16float(vec2(x, 0))',
};

/** Operands of one evaluation, as bits, at most eight. */
export type Operands = readonly number[];

/** Evaluations of one operation. */
export interface Batch {
  readonly operation: Operation;
  readonly cases: readonly Operands[];
}

/** Something that computes in one precision: a shader on an adapter, or a simulation of one. */
export interface ScalarUnit {
  /** The result bits of each batch's cases, in their order. */
  evaluate(batches: readonly Batch[]): Promise<ArrayLike<number>[]>;
}
