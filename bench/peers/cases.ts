/** @file The products that peers are measured on. */

import { ArgumentError } from '../../src/errors.js';
import { largestSide, parseSides } from '../parse-sides.js';
import { deepseekForward, type Shape, squares } from '../shapes.js';
import type { Product } from './peer.js';

export const suiteNames = ['squares', 'deepseek', 'rows', 'growth', 'small'] as const;
export type PeerSuite = (typeof suiteNames)[number];

/** Rows of A in a training batch of the suite of DeepSeek-V3. */
const batchRows = 4096;
/** N × K of its layers. */
const layers = deepseekForward.filter(([m]) => m === batchRows).map(([, n, k]) => [n, k] as const);
/** One token, a few, a small batch. */
const fewRows = [1, 16, 128];
/** The layer whose time is followed as M grows, and how it grows. */
const growingLayer = [4096, 7168] as const;
const growingRows = [1, 4, 16, 64, 256, 1024, 4096];

const suites: Record<PeerSuite, readonly Shape[]> = {
  squares,
  deepseek: layers.map(([n, k]): Shape => [batchRows, n, k]),
  // Layer by layer, whose weights its products share.
  rows: layers.flatMap(([n, k]) => fewRows.map((m): Shape => [m, n, k])),
  growth: growingRows.map((m): Shape => [m, ...growingLayer]),
  // Enough to see that everything works, and to fit a law to, on a CPU.
  small: [
    [64, 64, 128],
    [64, 64, 64],
    [128, 128, 128],
    [256, 256, 256],
    [16, 64, 128],
    [1, 64, 128],
  ],
};

/**
 * The products of suites and others, each once.
 * @throws ArgumentError if there is no such suite
 */
export function productsOf(names: readonly string[], others: readonly Product[] = []): Product[] {
  const shapes = names.flatMap((name) => {
    if (!Object.hasOwn(suites, name)) throw new ArgumentError('suite', name, suiteNames.join(', '));
    return suites[name as PeerSuite];
  });
  const products = [...shapes.map(([m, n, k]): Product => ({ m, n, k })), ...others];
  return [...new Map(products.map((product) => [productName(product), product])).values()];
}

/** The suites that suit a kind of adapter. */
export function suitesFor(kind: string): PeerSuite[] {
  return kind === 'software' ? ['small'] : ['squares', 'deepseek', 'rows', 'growth'];
}

export function productName({ m, n, k }: Product): string {
  return `${m}x${n}x${k}`;
}

/**
 * A product as people write it: 4096x7168x2048.
 * @throws ArgumentError
 */
export function parseProduct(text: string, argument = 'shape'): Product {
  const sides = parseSides(text, 3);
  if (!sides)
    throw new ArgumentError(argument, text, `M x N x K, three whole numbers from 1 to ${largestSide}`);
  const [m, n, k] = sides as [number, number, number];
  return { m, n, k };
}
