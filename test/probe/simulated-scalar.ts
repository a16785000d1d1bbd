/** @file Shader arithmetic simulated on the CPU, apart from the probe's own hypotheses: IEEE 754, and worse. */

import { f32Bits, f32FromBits } from '../../src/arithmetic/f32.js';
import { fma } from '../../src/arithmetic/fma.js';
import { decode } from '../../src/format/decode.js';
import { encode } from '../../src/format/encode.js';
import { formats } from '../../src/format/formats.js';
import type { Operation, ScalarUnit } from '../../src/probe/scalar/operation.js';

/** What a simulated f32 unit does otherwise than IEEE 754. */
export interface Faults {
  /** fma() rounds its product. */
  readonly unfused?: boolean;
  /** A compiler makes x * y + z an fma(). */
  readonly contracted?: boolean;
  /** Sums, differences and products are cut off. */
  readonly truncated?: boolean;
  /** Subnormals that go in or come out are zeros. */
  readonly flushed?: boolean;
  /** (x + y) - y is x. */
  readonly reassociated?: boolean;
  /** The bits of every NaN that arithmetic gives. */
  readonly nan?: number;
}

const smallestNormal = 2 ** -126;

/** An f32 unit. */
export function simulatedF32(faults: Faults = {}): ScalarUnit {
  const { nan = 0x7fc00000 } = faults;
  const flush = (value: number) => (faults.flushed && Math.abs(value) < smallestNormal ? value * 0 : value);
  const round = (exact: number) => {
    const nearest = Math.fround(exact);
    if (!faults.truncated || !Number.isFinite(nearest) || Math.abs(nearest) <= Math.abs(exact))
      return nearest;
    return f32FromBits(f32Bits(nearest) - 1);
  };
  const arithmetic: Partial<Record<Operation, (...values: number[]) => number>> = {
    negate: (x = 0) => -x,
    add: (x = 0, y = 0) => round(x + y),
    subtract: (x = 0, y = 0) => round(x - y),
    multiply: (x = 0, y = 0) => round(x * y),
    divide: (x = 0, y = 0) => Math.fround(x / y),
    fma: (x = 0, y = 0, z = 0) => (faults.unfused ? round(round(x * y) + z) : fma(x, y, z)),
    'multiply-add': (x = 0, y = 0, z = 0) => (faults.contracted ? fma(x, y, z) : round(round(x * y) + z)),
    sum3: (x = 0, y = 0, z = 0) => round(round(x + y) + z),
    'add-back': (x = 0, y = 0) => (faults.reassociated ? x : round(round(x + y) - y)),
    'minus-itself': (x = 0) => x - x,
    'times-zero': (x = 0) => x * 0,
    dot2: (a = 0, b = 0, c = 0, d = 0) => round(round(a * c) + round(b * d)),
    dot4: (...v) => {
      const product = (i: number) => round((v[i] ?? 0) * (v[i + 4] ?? 0));
      return round(round(round(product(0) + product(1)) + product(2)) + product(3));
    },
    minimum: Math.min,
    maximum: Math.max,
    sqrt: (x = 0) => Math.fround(Math.sqrt(x)),
    'inverse-sqrt': (x = 0) => Math.fround(1 / Math.sqrt(x)),
    exp2: (x = 0) => Math.fround(2 ** x),
    log2: (x = 0) => Math.fround(Math.log2(x)),
    exp: (x = 0) => Math.fround(Math.exp(x)),
    log: (x = 0) => Math.fround(Math.log(x)),
  };
  const conversions: Partial<Record<Operation, (word: number) => number>> = {
    copy: (word) => word,
    'to-i32': (word) => clamp(f32FromBits(word), -(2 ** 31), 2 ** 31 - 1) >>> 0,
    'to-u32': (word) => clamp(f32FromBits(word), 0, 2 ** 32 - 1),
    'from-i32': (word) => f32Bits(Math.fround(word | 0)),
    'from-u32': (word) => f32Bits(Math.fround(word)),
    'to-f16': (word) => encode(formats.f16, f32FromBits(word), { overflow: 'ieee' }),
    'from-f16': (word) => f32Bits(decode(formats.f16, word)),
    'to-f16-neighbor': () => 0,
  };
  const evaluate = (operation: Operation, operands: readonly number[]) => {
    const compute = arithmetic[operation];
    if (!compute) return conversions[operation]?.(operands[0] ?? 0) ?? 0;
    const result = flush(compute(...operands.map(f32FromBits).map(flush)));
    return Number.isNaN(result) ? nan : f32Bits(result);
  };
  return {
    evaluate: async (batches) =>
      batches.map(({ operation, cases }) => cases.map((operands) => evaluate(operation, operands))),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), least), most);
}
