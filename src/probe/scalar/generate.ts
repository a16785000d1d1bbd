/** @file Operands that an experiment may use, as many as it needs to tell its hypotheses apart. */

import type { Precision } from '../precision.js';
import { Stream } from '../stream.js';
import type { Operands } from './operation.js';

const candidates = 4096;

/** Values that `make` draws, as bits. */
export function* generate(
  make: (stream: Stream) => number[],
  precision: Precision,
  seed: number,
): Generator<Operands> {
  const stream = new Stream(seed);
  for (let i = 0; i < candidates; i++) yield make(stream).map(precision.toBits);
}
