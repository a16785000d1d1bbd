/** @file Other libraries beside octile, after a run of the benchmark: loaded only then. */

import { openPeers } from '../../bench/peers/index.js';
import { octilePeers } from '../../bench/peers/octile.js';
import type { Product } from '../../bench/peers/peer.js';
import { runPeers } from '../../bench/peers/run.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { pageLibraries } from './libraries.js';
import type { RunEvent } from './protocol.js';

/** Measures octile's best kernel and the libraries of this page in turn. */
export async function measurePeers(
  gpu: Gpu,
  products: readonly Product[],
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
): Promise<void> {
  emit({ type: 'measuring', name: 'loading other libraries', kernel: pageLibraries.join(' and ') });
  const { peers, absent } = await openPeers(gpu, pageLibraries);
  emit({ type: 'absent', absent });
  if (peers.length === 0) return;
  await runPeers(gpu, [...octilePeers(['auto']), ...peers], products, {
    signal,
    onStart: ({ m, n, k }, { library, name }) =>
      emit({ type: 'measuring', name: `${m}x${n}x${k}`, kernel: `${library}, ${name}` }),
    onProduct: (records) => emit({ type: 'peers', records }),
  });
}
