/** @file Formats as constants of shaders/format/format.wgsl. */

import decodeWgsl from '../../shaders/format/decode.wgsl?raw';
import encodeWgsl from '../../shaders/format/encode.wgsl?raw';
import formatWgsl from '../../shaders/format/format.wgsl?raw';
import packWgsl from '../../shaders/format/pack.wgsl?raw';
import { Expression } from '../gpu/shader.js';
import type { Overflow, Rounding } from './encode.js';
import { type Format, infinityCode, maxCode, nanCode } from './format.js';

/** Texts of the format shaders; `format` first is a matter of reading, not of need. */
export const formatShaders = {
  format: formatWgsl,
  decode: decodeWgsl,
  encode: encodeWgsl,
  pack: packWgsl,
} as const;

/** A format as a WGSL constant expression of type Format. */
export function formatConstant(format: Format): Expression {
  const code = (value: number | undefined) => (value === undefined ? 'NO_CODE' : `${value}u`);
  const fields = [
    `${format.signBits}u`,
    `${format.exponentBits}u`,
    `${format.mantissaBits}u`,
    `${format.bias}i`,
    format.hasZero ? '1u' : '0u',
    code(maxCode(format)),
    code(infinityCode(format)),
    code(nanCode(format)),
    format.specials === 'negative-zero-nan' ? '1u' : '0u',
  ];
  return new Expression(`Format(${fields.join(', ')})`);
}

/** A rounding as a constant of encode.wgsl. */
export function roundingConstant(rounding: Rounding): Expression {
  const names = { 'nearest-even': 'NEAREST_EVEN', 'toward-zero': 'TOWARD_ZERO', stochastic: 'STOCHASTIC' };
  return new Expression(names[rounding]);
}

/** An overflow rule as a constant of encode.wgsl. */
export function overflowConstant(overflow: Overflow): Expression {
  return new Expression(overflow === 'saturate' ? 'SATURATE' : 'IEEE');
}
