/** @file Peers side by side: for each product, each peer's result is checked, then all are timed in turn. */

import { spread } from '../../src/arithmetic/spread.js';
import {
  ArgumentError,
  endsDevice,
  OctileError,
  OutOfMemoryError,
  UnsupportedError,
} from '../../src/errors.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { medianDeviation } from '../statistics.js';
import type { Quality } from '../workload.js';
import { interleave, interleaveFor, type Samples } from './interleave.js';
import { Operands } from './operands.js';
import { checkProduct } from './oracle.js';
import type { Peer, PreparedPeer, Product } from './peer.js';
import type { PeerRecord } from './record.js';
import { Weights } from './weights.js';

export interface PeersOptions {
  /** Ends the run between two samples; what is done by then is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Called before a peer is prepared for a product. */
  readonly onStart?: ((product: Product, peer: Peer) => void) | undefined;
  /** Called with the records of each product. */
  readonly onProduct?: ((records: readonly PeerRecord[]) => void) | undefined;
}

/** Operations beyond which a software adapter would take minutes. */
const softwareOperations = 2 ** 30;

/**
 * Measures peers on products.
 * @returns a record for each product and peer, up to the interruption if the signal ended the run
 * @throws ArgumentError without peers, UnsupportedError on the null adapter, DeviceLostError, DisposedError
 */
export async function runPeers(
  gpu: Gpu,
  peers: readonly Peer[],
  products: readonly Product[],
  options: PeersOptions = {},
): Promise<PeerRecord[]> {
  if (gpu.adapter.kind === 'null')
    throw new UnsupportedError(`${gpu.adapter.name} is the null adapter: it computes nothing to measure`);
  if (peers.length === 0) throw new ArgumentError('peers.length', 0, 'at least 1');
  const records: PeerRecord[] = [];
  const shelf = new Shelf(gpu);
  try {
    for (const [index, product] of products.entries()) {
      const made = await runProduct(gpu, peers, product, index, shelf, options);
      if (!made) break;
      records.push(...made);
      options.onProduct?.(made);
    }
  } finally {
    shelf.clear();
  }
  return records;
}

/** The weights of the last product, which the next may share. */
class Shelf {
  #weights: Weights | undefined;

  constructor(readonly gpu: Gpu) {}

  async weightsFor(product: Product, seed: number): Promise<Weights> {
    if (!this.#weights?.fit(product)) {
      this.clear();
      this.#weights = await Weights.make(this.gpu, product, seed);
    }
    return this.#weights;
  }

  clear(): void {
    this.#weights?.dispose();
    this.#weights = undefined;
  }
}

/** undefined if the signal ended it. */
async function runProduct(
  gpu: Gpu,
  peers: readonly Peer[],
  product: Product,
  index: number,
  shelf: Shelf,
  options: PeersOptions,
): Promise<PeerRecord[] | undefined> {
  const { signal } = options;
  if (gpu.adapter.kind === 'software' && 2 * product.m * product.n * product.k > softwareOperations)
    return peers.map((peer) =>
      without(peer, product, 'too large for a software adapter: it would take minutes'),
    );
  const errors = new DeviceErrors(gpu);
  let operands: Operands | undefined;
  const ready: Entry[] = [];
  try {
    signal?.throwIfAborted();
    const weights = await shelf.weightsFor(product, 4096 * index + 1);
    operands = await Operands.make(gpu, product, weights, 4096 * index);
    const records = new Map<Peer, PeerRecord>();
    for (const peer of peers) {
      signal?.throwIfAborted();
      options.onStart?.(product, peer);
      const entry = await prepare(peer, operands, errors, index);
      if ('prepared' in entry) ready.push(entry);
      else records.set(peer, entry);
    }
    const contestants = ready.map(({ prepared }) => ({
      async run() {
        await prepared.run();
        errors.throwIfAny();
      },
    }));
    const samples = await interleave(gpu, contestants, interleaveFor(gpu.adapter.kind, signal));
    for (const [i, entry] of ready.entries())
      records.set(entry.peer, recordOf(entry, product, samples[i] as Samples));
    return peers.map((peer) => records.get(peer) as PeerRecord);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    if (!(error instanceof OctileError) || endsDevice(error)) throw error;
    return peers.map((peer) => without(peer, product, error.message));
  } finally {
    for (const { prepared } of ready) prepared.dispose();
    operands?.dispose();
    errors.stop();
  }
}

interface Entry {
  readonly peer: Peer;
  readonly prepared: PreparedPeer;
  readonly quality: Quality;
}

/** A peer with its operands, its result found right; or the record of why not. */
async function prepare(
  peer: Peer,
  operands: Operands,
  errors: DeviceErrors,
  seed: number,
): Promise<Entry | PeerRecord> {
  const { gpu, product } = operands;
  const unfit = peer.unfit(product, gpu);
  if (unfit !== undefined) return without(peer, product, unfit);
  let prepared: PreparedPeer | undefined;
  try {
    prepared = await peer.prepare(operands);
    const quality = await check(prepared, operands, seed);
    await gpu.idle();
    errors.throwIfAny();
    if (quality.failure === undefined) return { peer, prepared, quality };
    prepared.dispose();
    return without(peer, product, quality.failure, 'failed');
  } catch (error) {
    prepared?.dispose();
    if (endsDevice(error)) throw error;
    // What the device had to say says more than what a library makes of its silence.
    const cause = errors.take() ?? error;
    // octile's own errors say whether it cannot or is broken; a library's do not.
    const unable =
      !(error instanceof OctileError) ||
      error instanceof UnsupportedError ||
      error instanceof OutOfMemoryError;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return without(peer, product, reason, unable ? 'skipped' : 'failed');
  }
}

async function check(prepared: PreparedPeer, operands: Operands, seed: number): Promise<Quality> {
  const { oracle } = prepared;
  if (typeof oracle === 'function') return oracle();
  return checkProduct(operands, await prepared.result(), oracle, seed);
}

function recordOf({ peer, prepared, quality }: Entry, product: Product, samples: Samples): PeerRecord {
  if ('error' in samples) {
    const { error } = samples;
    return without(peer, product, error instanceof Error ? error.message : String(error), 'failed');
  }
  const { microseconds } = samples;
  const times = spread(microseconds);
  return {
    ...about(peer, product),
    status: 'measured',
    kernel: prepared.kernel ?? null,
    ...times,
    deviation: medianDeviation(microseconds),
    // Operations a µs are MFLOP/s.
    tflops: (2 * product.m * product.n * product.k) / times.median / 1e6,
    error: quality.error ?? null,
    calcDiff: quality.calcDiff ?? null,
  };
}

function about({ name, library, precision, timed }: Peer, product: Product) {
  return { name, library, precision, timed, product };
}

function without(
  peer: Peer,
  product: Product,
  reason: string,
  status: 'failed' | 'skipped' = 'skipped',
): PeerRecord {
  return { ...about(peer, product), status, reason };
}

/** Errors of the device that no error scope has caught: libraries let theirs go there. */
class DeviceErrors {
  readonly #found: Error[] = [];
  readonly #listen = (event: GPUUncapturedErrorEvent) => {
    event.preventDefault();
    this.#found.push(new Error(event.error.message));
  };

  constructor(readonly gpu: Gpu) {
    gpu.device.addEventListener('uncapturederror', this.#listen);
  }

  /** The first error since the last call. */
  take(): Error | undefined {
    const [first] = this.#found.splice(0);
    return first;
  }

  throwIfAny(): void {
    const error = this.take();
    if (error) throw error;
  }

  stop(): void {
    this.gpu.device.removeEventListener('uncapturederror', this.#listen);
  }
}
