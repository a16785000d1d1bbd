/** @file What is kept of a peer's product: plain data that a program can read. */

import type { Spread } from '../../src/arithmetic/spread.js';
import type { Peer, Product } from './peer.js';

interface About extends Pick<Peer, 'name' | 'library' | 'precision' | 'timed'> {
  readonly product: Product;
}

/** A result that was checked, found right, and timed. */
export interface PeerMeasurement extends About, Spread {
  readonly status: 'measured';
  /** Min, median and max above are µs a run; this is the median distance of the samples from their median. */
  readonly deviation: number;
  /** 2·M·N·K over the median, in TFLOP/s. */
  readonly tflops: number;
  /** The kernel that the library chose, where it says. */
  readonly kernel: string | null;
  /** As Quality has them. */
  readonly error: number | null;
  readonly calcDiff: number | null;
}

/** A wrong result, or a peer that cannot run here. */
export interface NoPeerMeasurement extends About {
  readonly status: 'failed' | 'skipped';
  readonly reason: string;
}

export type PeerRecord = PeerMeasurement | NoPeerMeasurement;

export function isMeasured(record: PeerRecord): record is PeerMeasurement {
  return record.status === 'measured';
}
