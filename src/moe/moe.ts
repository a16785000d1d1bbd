/**
 * @file Mixture of experts on the GPU: routing, experts' rows, dispatch of codes and scales, and the way back, without a
 * count that has to be read by the host. Each gives the bits of its oracle.
 */

import { f32Bits } from '../arithmetic/f32.js';
import type { Context } from '../context.js';
import { ArgumentError, DisposedError } from '../errors.js';
import type { Groups } from '../gemm/grouped.js';
import type { Gpu } from '../gpu/gpu.js';
import { disposeSymbol, GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { type Dtype, dtypes } from '../matrix.js';
import { nativeArithmetic } from '../probe/native.js';
import { overItems } from '../quantize/chunks.js';
import { overTiles } from '../quantize/tiles.js';
import { requireResults, requireRowScales } from './exchange.js';
import {
  type ChosenLayout,
  chooseLayout,
  type ExpertRows,
  type RowLayout,
  rowCapacity,
} from './expert-rows.js';
import { planRouting, type Routing, type RoutingOptions, type RoutingPlan } from './routing.js';
import {
  combineShader,
  countShader,
  gatherShader,
  offsetsShader,
  placeShader,
  routeShader,
} from './shader.js';

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
  readonly #buffers: Readonly<Record<BufferName, GPUBuffer>>;
  readonly #native: boolean;
  #disposed = false;

  constructor(
    readonly gpu: Gpu,
    readonly tokens: number,
    readonly plan: RoutingPlan,
    readonly layout: ChosenLayout,
    buffers: Readonly<Record<BufferName, GPUBuffer>>,
    native: boolean,
  ) {
    this.capacity = capacityOf(tokens * plan.topK, plan.experts, layout);
    this.#buffers = buffers;
    this.#native = native;
  }

  /**
   * The groups of a masked grouped product of what dispatch() gives, whose counts stay on the GPU.
   * @throws ArgumentError if the layout has contiguous groups: their sizes are the differences of read().offsets
   */
  get masked(): Extract<Groups, { kind: 'masked' }> {
    this.#requireAlive();
    const { groupRows } = this.layout;
    if (groupRows === 0)
      throw new ArgumentError('layout.groupRows', undefined, 'given to routeOnGpu(), for masked groups');
    return {
      kind: 'masked',
      groups: this.plan.experts,
      capacity: groupRows,
      counts: this.#buffers.counts,
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

  /** What dispatching a matrix of this kind moves. */
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
      () => GpuQuantizedMatrix.create(gpu, capacity, cols, format, granularity, 'dispatched'),
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
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

const bufferNames = ['experts', 'gates', 'counts', 'offsets', 'rowOf', 'sourceOf'] as const;
type BufferName = (typeof bufferNames)[number];

/**
 * Routes tokens on the GPU by their logits, and lays out the experts' rows: what route and expertRows give.
 * @param logits tokens × experts
 * @param layout contiguous groups padded to whole tiles, unless told otherwise
 * @throws ArgumentError naming what does not fit
 */
export async function routeOnGpu(
  { gpu }: Context,
  logits: GpuMatrix,
  options: RoutingOptions,
  layout: RowLayout = {},
): Promise<GpuRouting> {
  if (!(logits instanceof GpuMatrix)) throw new ArgumentError('logits', logits, 'a GpuMatrix');
  logits.requireAlive('logits');
  if (logits.gpu !== gpu) throw new ArgumentError('logits', logits, 'a matrix on this context');
  const chosen = chooseLayout(layout);
  const plan = planRouting(logits.cols, options);
  const { experts, topK, groups, topGroups, scored } = plan;
  const { add, multiply, fma } = await nativeArithmetic(gpu);
  const native = add && multiply && fma;
  const assignments = logits.rows * topK;
  const capacity = capacityOf(assignments, experts, chosen);
  const sizes: Record<BufferName, number> = {
    experts: assignments,
    gates: assignments,
    counts: experts,
    offsets: experts + 1,
    rowOf: assignments,
    sourceOf: capacity,
  };
  const made = await gpu.allocate('making room for a routing', [
    ...bufferNames.map((name) => () => gpu.buffer(`routing ${name}`, sizes[name] * 4)),
    () => gpu.upload('routing bias', plan.bias),
  ]);
  const bias = made.at(-1) as GPUBuffer;
  const buffers = Object.fromEntries(bufferNames.map((name, i) => [name, made[i]])) as Record<
    BufferName,
    GPUBuffer
  >;
  try {
    const perExpert = { params: [experts, assignments, chosen.alignment, capacity, chosen.groupRows] };
    await gpu.run('routing', [
      ...overTiles(
        {
          shader: routeShader(logits.dtype, native),
          buffers: [logits.buffer, bias, buffers.experts, buffers.gates],
          params: [experts, topK, groups, topGroups, scored, f32Bits(plan.scale), logits.pitch],
        },
        logits.rows,
        experts * (500 + 4 * experts),
      ),
      ...overTiles(
        { ...perExpert, shader: countShader, buffers: [buffers.experts, buffers.counts] },
        experts,
        assignments * 4,
      ),
      ...overTiles(
        { ...perExpert, shader: offsetsShader, buffers: [buffers.counts, buffers.offsets] },
        1,
        experts * 8,
      ),
      ...overTiles(
        {
          ...perExpert,
          shader: placeShader,
          buffers: [buffers.experts, buffers.offsets, buffers.rowOf, buffers.sourceOf],
        },
        experts,
        assignments * 200,
      ),
    ]);
    return new GpuRouting(gpu, logits.rows, plan, chosen, buffers, native);
  } catch (error) {
    for (const buffer of Object.values(buffers)) buffer.destroy();
    throw error;
  } finally {
    bias.destroy();
  }
}

function capacityOf(assignments: number, experts: number, { alignment, groupRows }: ChosenLayout): number {
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
