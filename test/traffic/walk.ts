/**
 * @file A product walked tile by tile on the CPU with every access counted where it happens: an independent count to
 * hold the traffic model against. Nothing is multiplied.
 */

import { type Granularity, scaleIndex, scaleShape } from '../../src/quantize/granularity.js';
import type { Dataflow } from '../../src/traffic/dataflow.js';
import type { TrafficOperand, TrafficProblem } from '../../src/traffic/problem.js';

/** Counts by name, such as "memory read". */
export type Counts = Record<string, number>;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A walker over one problem in one dataflow. */
class Walk {
  readonly counts: Counts = {};
  /** Bytes that a pass has fetched from memory already. */
  readonly #seen = new Set<string>();

  constructor(
    readonly problem: TrafficProblem,
    readonly dataflow: Dataflow,
  ) {}

  add(name: string, amount: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + amount;
  }

  /** A read through the cache, which keeps everything. */
  fetch(what: string, bytes: number, first?: () => void): void {
    this.add('cache read', bytes);
    if (this.#seen.has(what)) return;
    this.#seen.add(what);
    this.add('memory read', bytes);
    first?.();
  }

  castPass(): void {
    const { m, k, valueBytes, a } = this.problem;
    const { granularity } = a;
    const { scaleRows, scaleCols } = scaleShape(granularity, m, k);
    const tiles = Array.from({ length: scaleRows * scaleCols }, () => 0);
    for (let row = 0; row < m; row++)
      for (let col = 0; col < k; col++) {
        const tile = scaleIndex(granularity, scaleCols, row, col);
        tiles[tile] = (tiles[tile] ?? 0) + 1;
      }
    const unbounded = ['row', 'tensor'].includes(granularity.name);
    for (const elements of tiles) {
      if (unbounded) this.add('memory read', elements * valueBytes);
      if (this.dataflow.cast !== 'separate') continue;
      this.add('memory read', elements * valueBytes);
      this.add('quantize', elements);
      this.add('memory write', elements * a.codeBytes + a.scaleBytes);
    }
  }

  product(): void {
    const { m, n, tile } = this.problem;
    for (const rows of cut({ start: 0, end: m }, tile.rows))
      for (const cols of cut({ start: 0, end: n }, tile.cols)) this.workgroup(rows, cols);
  }

  workgroup(rows: Range, cols: Range): void {
    const { k, tile, fragment, interval, a, b, out, outBytes } = this.problem;
    const scalesHeld = new Set<string>();
    const fragments = cut(rows, fragment.rows).flatMap((r) =>
      cut(cols, fragment.cols).map((c) => [r, c] as const),
    );
    for (const ks of cut({ start: 0, end: k }, tile.depth)) {
      this.bring('A', a, rows, ks, scalesHeld);
      this.bring('B', b, cols, ks, scalesHeld);
      for (const [r, c] of fragments)
        this.add('workgroup read', (length(r) * a.storedBytes + length(c) * b.storedBytes) * length(ks));
    }
    const promoted = this.dataflow.scaling === 'promoted';
    for (const _ of cut({ start: 0, end: k }, interval))
      for (const [r, c] of fragments) {
        this.add('workgroup read', (length(r) + length(c)) * 4);
        if (!promoted) continue;
        for (let output = 0; output < length(r) * length(c); output++) {
          // The partial sum leaves the matrix unit; it and the accumulator are read; the accumulator is written.
          this.add('registers write', 4);
          this.add('registers read', 4);
          this.add('registers read', 4);
          this.add('registers write', 4);
          this.add('promote', 1);
        }
      }
    for (let output = 0; output < length(rows) * length(cols); output++) {
      if (!promoted) this.add('registers write', 4);
      this.add('registers read', 4);
      if (out !== 'f32') this.add('round', 1);
      this.add('memory write', outBytes);
    }
  }

  /** Brings a part of an operand into workgroup memory, element by element. */
  bring(name: 'A' | 'B', operand: TrafficOperand, rows: Range, ks: Range, held: Set<string>): void {
    const { k, valueBytes, stored } = this.problem;
    const { granularity, codeBytes, scaleBytes, storedBytes } = operand;
    const castHere = name === 'A' && this.dataflow.cast === 'fused';
    const castThere = name === 'A' && this.dataflow.cast === 'near-memory';
    const { scaleCols } = scaleShape(granularity, operand.rows, k);
    for (let row = rows.start; row < rows.end; row++)
      for (let col = ks.start; col < ks.end; col++) {
        this.fetch(`${name} ${row} ${col}`, castHere ? valueBytes : codeBytes, () => {
          if (!castThere) return;
          this.add('inside-memory read', valueBytes);
          this.add('quantize', 1);
        });
        if (castHere) this.add('quantize', 1);
        this.add('workgroup write', storedBytes);
        if (stored !== 'codes') this.add('decode', 1);
        const scale = `scale of ${name} ${scaleIndex(granularity, scaleCols, row, col)}`;
        if (held.has(scale)) continue;
        held.add(scale);
        if (!castHere || !tileIsHeld(granularity)) this.fetch(scale, scaleBytes);
        this.add('workgroup write', 4);
      }
  }
}

function tileIsHeld({ name }: Granularity): boolean {
  return name !== 'row' && name !== 'tensor';
}

function cut({ start, end }: Range, size: number): Range[] {
  const parts: Range[] = [];
  for (let at = start; at < end; at += size) parts.push({ start: at, end: Math.min(at + size, end) });
  return parts;
}

function length({ start, end }: Range): number {
  return end - start;
}

/** Counts what a dataflow does. */
export function walk(problem: TrafficProblem, dataflow: Dataflow): Counts {
  const one = new Walk(problem, dataflow);
  one.castPass();
  one.product();
  return one.counts;
}
