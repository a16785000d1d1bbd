/** @file What a peer is: another library, or octile, that multiplies the same matrices on the same device. */

import type { Gpu } from '../../src/gpu/gpu.js';
import type { Quality } from '../workload.js';
import type { Operands } from './operands.js';
import type { Rounding } from './oracle.js';

/** D = A · B of M × K by K × N. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** One operation of one library in one precision. */
export interface Peer {
  /** The operation with its precision, the same wherever it runs: "MatMul f16". */
  readonly name: string;
  /** The package and its version. */
  readonly library: string;
  /** What goes in and what comes out. */
  readonly precision: string;
  /** What one run comprises, for the reader of its time. */
  readonly timed: string;
  /** Why it cannot multiply these on this device, as "it needs …"; undefined if it can. */
  unfit(product: Product, gpu: Gpu): string | undefined;
  /**
   * Brings the operands to where the library wants them.
   * @throws Error with the library's reason
   */
  prepare(operands: Operands): Promise<PreparedPeer>;
}

/** A product that is ready to run any number of times. */
export interface PreparedPeer {
  /** The kernel that was chosen, where the library says. */
  readonly kernel?: string;
  /** Submits one product. Resolves as soon as the next may be submitted, done or not. */
  run(): Promise<void>;
  /** D of one more run, M × N, row-major. */
  result(): Promise<Float32Array>;
  /** What the library rounds, to be held against exact products; or a check of its own, of one more run. */
  readonly oracle: Rounding | (() => Promise<Quality>);
  dispose(): void;
}

/** What a file of peers exports. */
export interface PeerModule {
  /** The peers of this library, in the types that the device has. Loads the library and lends it the device. */
  open(gpu: Gpu): Promise<readonly Peer[]>;
}
