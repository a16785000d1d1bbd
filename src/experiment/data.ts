/** @file Synthetic data: the distributions that studies share, the same for a seed on every machine. */

import { ArgumentError } from '../errors.js';
import { type Matrix, matrix } from '../matrix.js';
import { randomValue } from '../verify/random.js';

export const distributions = ['normal', 'uniform', 'log-normal', 'outlier-channels'] as const;
export type Distribution = (typeof distributions)[number];

/** What each is, for the page. */
export const distributionTexts: Readonly<Record<Distribution, string>> = {
  normal: 'N(0, 1): normal, of mean 0 and standard deviation 1',
  uniform: 'evenly from [0, 1): nothing cancels, and sums grow with K',
  'log-normal': 'exp of N(0, 1): all positive, with a long tail',
  'outlier-channels':
    'N(0, 1), in the activations one channel in 256 times 20, as Dettmers et al. report of large language models ' +
    '("LLM.int8()", 2022: few features, up to 20 times larger than the others)',
};

/** One channel (column) in `every` is an outlier, the first of them at `at`, and `strength` times larger. */
export const outlierChannels = { every: 256, at: 37, strength: 20 } as const;

/** Streams of random numbers in one draw of a study's data, and draws that belong to one seed. */
export const streams = 16;
export const mostDraws = 16;

/** Up to here the seeds of all matrices of a study are 32-bit words. */
export const largestSeed = 2 ** 32 / (streams * mostDraws) - 1;

/**
 * The seed of one of a study's matrices: no two matrices of any two draws of any two seeds share their numbers.
 * @throws ArgumentError if there is no such stream or draw
 */
export function streamSeed(seed: number, stream: number, draw = 0): number {
  requireBelow('stream', stream, streams);
  requireBelow('draw', draw, mostDraws);
  return (seed * mostDraws + draw) * streams + stream;
}

function requireBelow(argument: string, value: number, count: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= count)
    throw new ArgumentError(argument, value, `a whole number from 0 to ${count - 1}`);
}

/** Whether a column is an outlier channel. */
export function isOutlierChannel(column: number): boolean {
  return column % outlierChannels.every === outlierChannels.at;
}

/**
 * A random f32 matrix.
 * @param side outlier channels are in the activations only
 * @param seed of this matrix: from streamSeed
 */
export function sample(
  distribution: Distribution,
  side: 'activations' | 'weights',
  rows: number,
  cols: number,
  seed: number,
): Matrix {
  const data = new Float32Array(rows * cols);
  const base = distribution === 'uniform' ? 'uniform' : 'normal';
  const channels = distribution === 'outlier-channels' && side === 'activations';
  for (let i = 0; i < data.length; i++) {
    const value = randomValue(i, seed, base);
    if (distribution === 'log-normal') data[i] = Math.exp(value);
    else data[i] = channels && isOutlierChannel(i % cols) ? value * outlierChannels.strength : value;
  }
  return matrix(rows, cols, data);
}
