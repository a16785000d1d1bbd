/**
 * @file The traffic model against measured time: what memory moves for a cast and its product by the model, how long that
 * takes at the speed of copying, and how long it took. The model is of bytes alone, so that it is a least time where no
 * cache keeps an operand, and what is beyond it is multiplying, or waiting.
 */

import { dataflowByName } from '../src/traffic/dataflow.js';
import { trafficProblem } from '../src/traffic/problem.js';
import { totalBytes, trafficOf } from '../src/traffic/traffic.js';
import type { CastCase } from './cases.js';
import type { BenchRecord } from './record.js';

/** A measured cast, and what the model says of it. */
export interface Modelled {
  readonly name: string;
  readonly dataflow: string;
  /** Read and written in memory, by the model. */
  readonly bytes: number;
  /** µs that copying as many bytes took. */
  readonly modelled: number;
  /** µs that the cast and the product took. */
  readonly measured: number;
}

/** Of the casts that are dataflows of the model; nothing if copying was not measured. */
export function modelledTimes(records: readonly BenchRecord[]): Modelled[] {
  const copying = records.find((record) => record.case.kind === 'copy' && record.status === 'measured');
  if (copying?.status !== 'measured') return [];
  return records.flatMap((record) => {
    // The pass that makes halves is no dataflow of the model.
    if (record.status !== 'measured' || record.case.kind !== 'cast' || record.case.cast === 'pass') return [];
    const bytes = castTraffic(record.case);
    return [
      {
        name: record.name,
        dataflow: record.case.cast,
        bytes,
        modelled: bytes / copying.gbps / 1e3,
        measured: record.median,
      },
    ];
  });
}

function castTraffic({ m, n, k, out, cast }: CastCase): number {
  const traffic = trafficOf(trafficProblem({ m, n, k, aType: 'f32', out }), dataflowByName(cast));
  return totalBytes(traffic, 'memory', 'read') + totalBytes(traffic, 'memory', 'write');
}
