/** @file Where tokens go, on the GPU: dispatch of codes and scales to experts' rows, and results back to tokens. */

import { ArgumentError, DisposedError } from '../errors.js';
import type { Groups } from '../gemm/grouped.js';
import type { Gpu } from '../gpu/gpu.js';
import { destroyKnown, handOut } from '../gpu/known-buffers.js';
import { disposeSymbol, GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { type Dtype, dtypes } from '../matrix.js';
import { overItems } from '../quantize/chunks.js';
import { overTiles } from '../quantize/tiles.js';
import { requireResults, requireRowScales } from './exchange.js';
import { type ChosenLayout, type ExpertRows, type RowLayout, rowCapacity } from './expert-rows.js';
import type { Routing, RoutingPlan } from './routing.js';
import { combineShader, gatherShader } from './shader.js';

/** Elements that a thread of combine.wgsl makes. */
const eight = 8;

/** Rows that travel to experts, padding not counted, as codes with scales and as bf16. */
export interface DispatchBytes {
  readonly quantized: number;
  readonly bf16: number;
}

/** Where tokens go, and which row is whose; on the GPU until read. Free it with dispose() or `using`. */
export class GpuRouting {
  /** Rows that are enough for any routing, those of padding included. */
  readonly capacity: number;
  /** As it may be given to expertRows(). */
  readonly layout: RowLayout;
  readonly #groupRows: number;
  readonly #buffers: Readonly<Record<BufferName, GPUBuffer>>;
  readonly #native: boolean;
  #disposed = false;

  constructor(
    readonly gpu: Gpu,
    readonly tokens: number,
    readonly plan: RoutingPlan,
    layout: ChosenLayout,
    buffers: Readonly<Record<BufferName, GPUBuffer>>,
    native: boolean,
  ) {
    const { alignment, groupRows } = layout;
    this.layout = groupRows > 0 ? { groupRows } : { alignment };
    this.#groupRows = groupRows;
    this.capacity = capacityOf(tokens * plan.topK, plan.experts, layout);
    this.#buffers = buffers;
    this.#native = native;
  }

  /**
   * The groups of a masked grouped product of what dispatch() gives, whose counts stay on the GPU.
   * @throws ArgumentError if the layout has contiguous groups: their sizes are the differences of read().offsets, and
   *   the last one's takes the rows that dispatch() leaves empty, up to `capacity`
   */
  get masked(): Extract<Groups, { kind: 'masked' }> {
    this.#requireAlive();
    const groupRows = this.#groupRows;
    if (groupRows === 0)
      throw new ArgumentError('layout.groupRows', undefined, 'given to routeOnGpu(), for masked groups');
    return {
      kind: 'masked',
      groups: this.plan.experts,
      capacity: groupRows,
      counts: handOut(this.gpu, this.#buffers.counts),
    };
  }

  /** The routing, in host memory. */
  async read(): Promise<Routing & ExpertRows> {
    this.#requireAlive();
    const { tokens, plan, capacity } = this;
    const words = async (name: BufferName, count: number) =>
      new Uint32Array(await this.gpu.read(this.#buffers[name], count * 4));
    const assignments = tokens * plan.topK;
    return {
      tokens,
      topK: plan.topK,
      experts: await words('experts', assignments),
      gates: new Float32Array((await words('gates', assignments)).buffer),
      counts: await words('counts', plan.experts),
      offsets: await words('offsets', plan.experts + 1),
      rowOf: await words('rowOf', assignments),
      sourceOf: await words('sourceOf', capacity),
    };
  }

  /** What dispatching a matrix of this kind moves at most: masked groups that are full drop rows, which count here. */
  bytesOf(source: GpuQuantizedMatrix): DispatchBytes {
    const assignments = this.tokens * this.plan.topK;
    const { format, cols, scaleCols } = source;
    const bits = format.signBits + format.exponentBits + format.mantissaBits;
    return {
      quantized: assignments * ((cols * bits) / 8 + scaleCols * 4),
      bf16: assignments * cols * 2,
    };
  }

  /**
   * The rows of each expert's tokens, codes with their scales: what dispatchRows gives.
   * @param source tokens × K, with f32 scales of one row each
   * @returns capacity × K, the caller's
   * @throws ArgumentError if the source does not fit
   */
  async dispatch(source: GpuQuantizedMatrix): Promise<GpuQuantizedMatrix> {
    this.#requireAlive();
    const { gpu, capacity, plan } = this;
    if (!(source instanceof GpuQuantizedMatrix))
      throw new ArgumentError('source', source, 'a GpuQuantizedMatrix');
    source.requireAlive('source');
    if (source.gpu !== gpu) throw new ArgumentError('source', source, 'a matrix on this context');
    if (source.rows !== this.tokens)
      throw new ArgumentError('source.rows', source.rows, `a row for each of ${this.tokens} tokens`);
    requireRowScales('source', source);
    const { cols, format, granularity, wordPitch, scaleCols } = source;
    const quads = wordPitch / 4;
    return making(
      gpu,
      () => GpuQuantizedMatrix.create(gpu, capacity, cols, format, granularity, 'dispatched', source),
      (target) =>
        gpu.run(
          'dispatching',
          overTiles(
            {
              shader: gatherShader,
              buffers: [source.codes, source.scales, this.#buffers.sourceOf, target.codes, target.scales],
              params: [plan.topK, quads, scaleCols],
            },
            capacity,
            (quads + scaleCols) * 10,
          ),
        ),
    );
  }

  /**
   * Each token's results, weighed by its gates: what combineRows gives, where all of them are finite.
   * @param results capacity × N
   * @param out default bf16, as DeepSeek-V3 combines
   * @returns tokens × N, the caller's
   * @throws ArgumentError if the results do not fit
   */
  async combine(results: GpuMatrix, out: Dtype = 'bf16'): Promise<GpuMatrix> {
    this.#requireAlive();
    const { gpu, tokens, plan } = this;
    if (!(results instanceof GpuMatrix)) throw new ArgumentError('results', results, 'a GpuMatrix');
    results.requireAlive('results');
    if (results.gpu !== gpu) throw new ArgumentError('results', results, 'a matrix on this context');
    requireResults(results.rows, this.capacity);
    if (!dtypes.includes(out)) throw new ArgumentError('out', out, dtypes.join(', '));
    const eights = results.pitch / eight;
    return making(
      gpu,
      () => GpuMatrix.create(gpu, tokens, results.cols, out, 'combined'),
      (target) =>
        gpu.run(
          'combining',
          overItems(
            {
              shader: combineShader(results.dtype, out, this.#native),
              buffers: [results.buffer, this.#buffers.gates, this.#buffers.rowOf, target.buffer],
              params: [plan.topK, eights],
            },
            tokens * eights,
            eight * plan.topK * 20,
          ),
        ),
    );
  }

  #requireAlive(): void {
    if (this.#disposed) throw new DisposedError('routing has been disposed of');
  }

  /** Frees the buffers. Safe to call twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const buffer of Object.values(this.#buffers)) destroyKnown(buffer);
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

/** The buffers of a routing. */
export const bufferNames = ['experts', 'gates', 'counts', 'offsets', 'rowOf', 'sourceOf'] as const;
export type BufferName = (typeof bufferNames)[number];

/** Rows that are enough for any routing. */
export function capacityOf(
  assignments: number,
  experts: number,
  { alignment, groupRows }: ChosenLayout,
): number {
  return rowCapacity(assignments, experts, groupRows > 0 ? { groupRows } : { alignment });
}

/** Makes a matrix and fills it; on an error nothing stays allocated. */
async function making<T extends { dispose(): void }>(
  gpu: Gpu,
  create: () => T,
  fill: (target: T) => Promise<void>,
): Promise<T> {
  let target: T | undefined;
  try {
    const made = await gpu.guard('making room', async () => {
      target = create();
      return target;
    });
    await fill(made);
    return made;
  } catch (error) {
    target?.dispose();
    throw error;
  }
}
