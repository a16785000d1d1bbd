/**
 * @file Whether registers hold the sums of a subgroup's tile, on units whose tiles were not chosen by measurement.
 *
 * What does not fit goes to memory, and costs more than anything that a larger tile saves. Half of the registers are
 * left to operands and addresses.
 */

import type { MatrixConfig } from '../../gpu/machine.js';
import type { MatrixTile, SumType } from './tile.js';

/** Units that tell by their shape whose they are, and bytes of registers that a subgroup has there. */
const known = [
  // Intel's Xe2: 128 of 64 bytes a hardware thread (oneAPI GPU Optimization Guide, "Intel Xe GPU Architecture").
  { M: 8, N: 16, bytes: 8192 },
  // Apple's: 128 of 32 bits for each of 32 threads (dougallj/applegpu, "Apple G13 GPU Architecture Reference").
  { M: 8, N: 8, bytes: 16384 },
] as const;

/**
 * Whether they do.
 * @param promotes whether promoted sums in f32 lie beside the units'
 */
export function holdsSums(
  { unitRows, unitCols }: MatrixTile,
  { M, N }: Pick<MatrixConfig, 'M' | 'N'>,
  sums: SumType,
  promotes: boolean,
): boolean {
  const bytes = known.find((units) => units.M === M && units.N === N)?.bytes ?? Infinity;
  const each = (sums === 'f32' ? 4 : 2) + (promotes ? 4 : 0);
  return unitRows * unitCols * each <= bytes / 2;
}
