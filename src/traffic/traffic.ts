/**
 * @file The traffic model: bytes that a dataflow moves at every level, and conversions it makes.
 *
 * D (M × N) is computed in tiles of TM × TN, one a workgroup, in steps of K; a workgroup reads the rows of A and the
 * rows of B that its tile needs, all of K. So A is read once for each of the ⌈N/TN⌉ tile columns and B once for each of
 * the ⌈M/TM⌉ tile rows. What of these reads reaches the memory depends on the cache between: `memory` counts each byte
 * once a pass, what no cache can save; `cache` counts what the workgroups ask for, each byte once a workgroup, what the
 * memory would serve without a cache that workgroups share. Reality lies between. That a workgroup's threads may read
 * the same scale many times over is not counted: the cache nearest to them serves all but the first.
 *
 * In workgroup memory a tile is written once by the workgroup and read once by each fragment (a matrix unit's or a
 * thread's part of the tile) that needs it: a fragment of RM × RN reads RM + RN elements for RM · RN products. Codes
 * that a fused cast has to stage there until it knows a tile's scale are not counted.
 *
 * What exists as kernels is held to this by counting their accesses: test/traffic/counted.test.ts.
 *
 * The weights B were cast before and for all: only activations A are cast here. Rows and columns beyond the matrix
 * are not counted, nor is padding.
 */

import { type Granularity, scaleShape } from '../quantize/granularity.js';
import type { Dataflow } from './dataflow.js';
import type { TrafficOperand, TrafficProblem } from './problem.js';

/**
 * - inside-memory: read within the memory, not over its bus
 * - memory: over the memory's bus, each byte once a pass
 * - cache: what workgroups ask of the cache before the memory
 * - workgroup: workgroup (shared) memory
 * - registers: sums between the matrix unit and the registers of ordinary arithmetic
 */
export const levels = ['inside-memory', 'memory', 'cache', 'workgroup', 'registers'] as const;
export type Level = (typeof levels)[number];

export const stages = ['cast', 'load', 'multiply', 'promote', 'store'] as const;
export type Stage = (typeof stages)[number];

export interface Move {
  readonly stage: Stage;
  readonly level: Level;
  readonly direction: 'read' | 'write';
  readonly what: string;
  readonly bytes: number;
}

/**
 * - quantize: a value to a code
 * - decode: a code to the value that the units multiply, where they take no codes
 * - promote: a partial sum scaled and added to its f32 accumulator
 * - round: an f32 sum to the output's type
 */
export const conversionKinds = ['quantize', 'decode', 'promote', 'round'] as const;

export interface Conversion {
  readonly stage: Stage;
  readonly what: (typeof conversionKinds)[number];
  readonly count: number;
}

export interface Traffic {
  readonly dataflow: Dataflow;
  readonly moves: readonly Move[];
  readonly conversions: readonly Conversion[];
}

/** What a dataflow moves and converts. */
export function trafficOf(problem: TrafficProblem, dataflow: Dataflow): Traffic {
  const parts = [cast, load, multiply, sums].map((part) => part(problem, dataflow));
  return {
    dataflow,
    moves: parts.flatMap(({ moves }) => moves).filter(({ bytes }) => bytes > 0),
    conversions: parts.flatMap(({ conversions }) => conversions).filter(({ count }) => count > 0),
  };
}

/** Bytes of all moves at a level in a direction. */
export function totalBytes({ moves }: Traffic, level: Level, direction: Move['direction']): number {
  return moves
    .filter((move) => move.level === level && move.direction === direction)
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Conversions of a kind. */
export function totalConversions({ conversions }: Traffic, what: Conversion['what']): number {
  return conversions.filter((one) => one.what === what).reduce((sum, { count }) => sum + count, 0);
}

type Part = Pick<Traffic, 'moves' | 'conversions'>;

/**
 * The pass before the product: today's cast, and in any dataflow the search for the scale of a tile too large to hold.
 */
function cast({ m, k, valueBytes, a }: TrafficProblem, dataflow: Dataflow): Part {
  const read = (what: string): Move => {
    return { stage: 'cast', level: 'memory', direction: 'read', what, bytes: m * k * valueBytes };
  };
  const first = holdsTile(a.granularity) ? [] : [read('values, for the largest magnitudes')];
  if (dataflow.cast !== 'separate') return { moves: first, conversions: [] };
  const write = { stage: 'cast', level: 'memory', direction: 'write' } as const;
  return {
    moves: [
      ...first,
      read('values'),
      { ...write, what: 'codes', bytes: m * k * a.codeBytes },
      { ...write, what: 'scales', bytes: scaleCount(a, k) * a.scaleBytes },
    ],
    conversions: [{ stage: 'cast', what: 'quantize', count: m * k }],
  };
}

/**
 * Whether a tile is held on the chip between finding its largest magnitude and casting it: all but rows and tensors.
 */
function holdsTile({ tileRows, tileCols }: Granularity): boolean {
  return Number.isFinite(tileRows) && Number.isFinite(tileCols);
}

/** From memory into workgroup memory. */
function load(problem: TrafficProblem, dataflow: Dataflow): Part {
  const { m, n, k, tile, a, b, valueBytes, stored } = problem;
  const tileCols = Math.ceil(n / tile.cols);
  const tileRows = Math.ceil(m / tile.rows);
  const move = (level: Level, direction: Move['direction'], what: string, bytes: number): Move => {
    return { stage: 'load', level, direction, what, bytes };
  };
  const fused = dataflow.cast === 'fused';
  const aBytes = fused ? valueBytes : a.codeBytes;
  const aName = fused ? 'values of A' : 'codes of A';
  // A workgroup needs every scale that its rows have a part in: where a scale's tile is higher than the workgroup's,
  // several workgroups read the same one.
  const aScales = overlaps(m, tile.rows, a.granularity.tileRows) * scaleColumns(a, k) * tileCols;
  const bScales = overlaps(n, tile.cols, b.granularity.tileRows) * scaleColumns(b, k) * tileRows;
  // A fused cast finds its scales itself, but for those of tiles too large to hold.
  const readsScales = !fused || !holdsTile(a.granularity);
  const near = dataflow.cast === 'near-memory';
  return {
    moves: [
      ...(near ? [move('inside-memory', 'read', 'values of A', m * k * valueBytes)] : []),
      move('memory', 'read', aName, m * k * aBytes),
      move('memory', 'read', 'codes of B', n * k * b.codeBytes),
      ...(readsScales ? [move('memory', 'read', 'scales of A', scaleCount(a, k) * a.scaleBytes)] : []),
      move('memory', 'read', 'scales of B', scaleCount(b, k) * b.scaleBytes),
      move('cache', 'read', aName, m * k * aBytes * tileCols),
      move('cache', 'read', 'codes of B', n * k * b.codeBytes * tileRows),
      ...(readsScales ? [move('cache', 'read', 'scales of A', aScales * a.scaleBytes)] : []),
      move('cache', 'read', 'scales of B', bScales * b.scaleBytes),
      move('workgroup', 'write', 'tiles of A', m * k * a.storedBytes * tileCols),
      move('workgroup', 'write', 'tiles of B', n * k * b.storedBytes * tileRows),
      move('workgroup', 'write', 'scales', (aScales + bScales) * 4),
    ],
    conversions: [
      { stage: 'load', what: 'quantize', count: fused ? m * k * tileCols : near ? m * k : 0 },
      {
        stage: 'load',
        what: 'decode',
        count: stored === 'codes' ? 0 : (m * tileCols + n * tileRows) * k,
      },
    ],
  };
}

/** From workgroup memory into the units that multiply. */
function multiply({ m, n, k, tile, fragment, a, b }: TrafficProblem): Part {
  const across = pieces(n, tile.cols, fragment.cols);
  const down = pieces(m, tile.rows, fragment.rows);
  const read = { stage: 'multiply', level: 'workgroup', direction: 'read' } as const;
  return {
    moves: [
      { ...read, what: 'tiles of A', bytes: m * k * a.storedBytes * across },
      { ...read, what: 'tiles of B', bytes: n * k * b.storedBytes * down },
    ],
    conversions: [],
  };
}

/**
 * Sums on their way out. Promoted outside, every interval's partial sum (f32) is written by the matrix unit, read,
 * and added to an accumulator that is read and written; inside, sums leave the matrix unit once. Either way the
 * scales of a fragment's rows and columns are read from workgroup memory for every interval.
 */
function sums(problem: TrafficProblem, { scaling }: Dataflow): Part {
  const { m, n, k, tile, fragment, interval, out, outBytes } = problem;
  const intervals = Math.ceil(k / interval);
  const outputs = m * n;
  const across = pieces(n, tile.cols, fragment.cols);
  const down = pieces(m, tile.rows, fragment.rows);
  const promoted = scaling === 'promoted';
  const at = promoted ? 'promote' : 'multiply';
  const scales = { level: 'workgroup', direction: 'read', what: 'scales' } as const;
  const register = (stage: Stage, direction: Move['direction'], what: string, times: number): Move => {
    return { stage, level: 'registers', direction, what, bytes: outputs * 4 * times };
  };
  return {
    moves: [
      { stage: at, ...scales, bytes: (m * across + n * down) * intervals * 4 },
      ...(promoted
        ? [
            register('multiply', 'write', 'partial sums', intervals),
            register('promote', 'read', 'partial sums', intervals),
            register('promote', 'read', 'accumulators', intervals),
            register('promote', 'write', 'accumulators', intervals),
          ]
        : [register('multiply', 'write', 'finished sums', 1)]),
      register('store', 'read', 'finished sums', 1),
      { stage: 'store', level: 'memory', direction: 'write', what: 'D', bytes: outputs * outBytes },
    ],
    conversions: [
      { stage: 'promote', what: 'promote', count: promoted ? outputs * intervals : 0 },
      { stage: 'store', what: 'round', count: out === 'f32' ? 0 : outputs },
    ],
  };
}

function scaleCount({ rows, granularity }: TrafficOperand, k: number): number {
  const { scaleRows, scaleCols } = scaleShape(granularity, rows, k);
  return scaleRows * scaleCols;
}

function scaleColumns({ rows, granularity }: TrafficOperand, k: number): number {
  return scaleShape(granularity, rows, k).scaleCols;
}

/** Fragments along one side of D, all tiles together: a tile that is cut off at the end has fewer. */
function pieces(length: number, tile: number, fragment: number): number {
  const whole = Math.floor(length / tile);
  return whole * Math.ceil(tile / fragment) + Math.ceil((length - whole * tile) / fragment);
}

/** How many (tile, scale) pairs share a row: scales that all tiles together need. */
function overlaps(length: number, tile: number, scaleRows: number): number {
  let pairs = 0;
  for (let start = 0; start < length; start += tile) {
    const last = Math.min(start + tile, length) - 1;
    pairs += scaleRows === Infinity ? 1 : Math.floor(last / scaleRows) - Math.floor(start / scaleRows) + 1;
  }
  return pairs;
}
