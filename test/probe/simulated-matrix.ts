/** @file Matrix units simulated without the probe's own models: by the oracle of src/accumulate, or by a function. */

import { chain } from '../../src/accumulate/chain.js';
import { operands as codesOf } from '../../src/accumulate/operand.js';
import type { Profile } from '../../src/accumulate/profile.js';
import { tensorCoreNaN } from '../../src/accumulate/step.js';
import { f32Bits, f32FromBits } from '../../src/arithmetic/f32.js';
import { decode } from '../../src/format/decode.js';
import { encode } from '../../src/format/encode.js';
import { formats } from '../../src/format/formats.js';
import type { MatrixShape, MatrixUnit } from '../../src/probe/matrix/unit.js';

const f16Operands = codesOf(formats.f16);

const fromBits = { f16: (bits: number) => decode(formats.f16, bits), f32: f32FromBits };
const toBits = {
  f16: (value: number) => encode(formats.f16, value, { overflow: 'ieee' }),
  f32: (value: number) => (Number.isNaN(value) ? tensorCoreNaN : f32Bits(value)),
};

/** A unit in tiles of 4 × 4 × K, each entry of which `entry` computes. */
function unitOf(
  shape: Pick<MatrixShape, 'k' | 'operand' | 'result'>,
  entry: (a: Uint32Array, b: Uint32Array, row: number, col: number, c: number) => number,
): MatrixUnit {
  const [m, n] = [4, 4];
  return {
    shape: { ...shape, m, n },
    multiplyAccumulate: async (tiles) =>
      tiles.map(({ a, b, c }) =>
        Array.from(c, (bits, i) => entry(a, b, Math.floor(i / n) * shape.k, (i % n) * shape.k, bits)),
      ),
  };
}

/** A unit of f16 operands that adds up as a profile says. Results in f16 are rounded to nearest. */
export function profileUnit(profile: Profile, k: number, result: 'f16' | 'f32' = 'f32'): MatrixUnit {
  return unitOf({ k, operand: 'f16', result }, (a, b, row, col, c) => {
    const [left, right] = [
      { operands: f16Operands, codes: a, start: row },
      { operands: f16Operands, codes: b, start: col },
    ];
    return toBits[result](chain(profile, left, right, k, fromBits[result](c)));
  });
}

/** A unit that gives what a function of the factors and c gives, rounded to the result's type. */
export function functionUnit(
  shape: Pick<MatrixShape, 'k'> & { readonly operand: 'f16' | 'f32'; readonly result: 'f16' | 'f32' },
  compute: (factors: readonly (readonly [x: number, y: number])[], c: number) => number,
): MatrixUnit {
  const { k, operand, result } = shape;
  const value = fromBits[operand];
  return unitOf(shape, (a, b, row, col, c) => {
    const factors = Array.from({ length: k }, (_, i): [number, number] => [
      value(a[row + i] as number),
      value(b[col + i] as number),
    ]);
    return toBits[result](compute(factors, fromBits[result](c)));
  });
}

/** A unit of bytes, whose 32-bit sums `finish` brings back into range. */
export function byteUnit(operand: 'i8' | 'u8', k: number, finish: (sum: number) => number): MatrixUnit {
  const signed = operand === 'i8';
  const byte = (bits: number) => (signed ? (bits << 24) >> 24 : bits);
  return unitOf({ k, operand, result: signed ? 'i32' : 'u32' }, (a, b, row, col, c) => {
    let sum = signed ? c | 0 : c;
    for (let i = 0; i < k; i++) sum += byte(a[row + i] as number) * byte(b[col + i] as number);
    return finish(sum) >>> 0;
  });
}
