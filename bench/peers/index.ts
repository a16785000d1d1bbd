/**
 * @file The peers, each library loaded by need: their packages are no dependencies of octile, and a run, a test or a
 * page without them works.
 */

import type { Gpu } from '../../src/gpu/gpu.js';
import type { Peer, PeerModule } from './peer.js';

/** Libraries by the names of their files. Not imported by name: their types are there only once they are installed. */
const files = import.meta.glob<PeerModule>(['./jax.ts', './onnxruntime.ts', './tfjs.ts']);

/** The libraries that there are. */
export const libraryNames: readonly string[] = Object.keys(files)
  .map((file) => file.slice('./'.length, -'.ts'.length))
  .sort();

/** A library that cannot be measured here. */
export interface Absent {
  readonly library: string;
  readonly reason: string;
}

/**
 * Loads libraries and lends them the device. A library keeps the first device it is lent: for another one, start anew
 * (a page does so in a fresh worker).
 * @param libraries some of libraryNames
 * @returns their peers, and the libraries that are not there or refused
 */
export async function openPeers(
  gpu: Gpu,
  libraries: readonly string[] = libraryNames,
): Promise<{ readonly peers: readonly Peer[]; readonly absent: readonly Absent[] }> {
  const peers: Peer[] = [];
  const absent: Absent[] = [];
  for (const library of libraries) {
    const found = await openLibrary(gpu, library).catch((error: unknown) => reasonOf(error));
    if (typeof found === 'string') absent.push({ library, reason: found });
    else peers.push(...found);
  }
  return { peers, absent };
}

async function openLibrary(gpu: Gpu, library: string): Promise<readonly Peer[] | string> {
  const load = files[`./${library}.ts`];
  if (!load) return `there is no such library here; there are ${libraryNames.join(', ')}`;
  const module = await load().catch((error: unknown) => reasonOf(error));
  if (typeof module === 'string')
    return `its package could not be loaded (${module}): npm ci --prefix bench/peers installs it`;
  return module.open(gpu);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
