/**
 * @file Expert routing on the GPU and the experts' rows, without a count that has to be read by the host: the bits of
 * the oracles.
 */

import { f32Bits } from '../arithmetic/f32.js';
import type { Context } from '../context.js';
import { ArgumentError, UnsupportedError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import { GpuMatrix } from '../gpu-matrix.js';
import { nativeArithmetic } from '../probe/native.js';
import { overTiles } from '../quantize/tiles.js';
import { gpuOf } from '../require-context.js';
import { type ChosenLayout, chooseLayout, type RowLayout } from './expert-rows.js';
import { type BufferName, bufferNames, capacityOf, GpuRouting } from './gpu-routing.js';
import { planRouting, type RoutingOptions } from './routing.js';
import { countShader, offsetsShader, placeShader, routeShader } from './shader.js';

/**
 * Routes tokens on the GPU by their logits, and lays out the experts' rows: what route and expertRows give.
 * @param logits tokens × experts
 * @param layout contiguous groups padded to whole tiles, unless told otherwise
 * @throws ArgumentError naming what does not fit, UnsupportedError if experts' rows are too many for the device
 */
export async function routeOnGpu(
  context: Context,
  logits: GpuMatrix,
  options: RoutingOptions,
  layout: RowLayout = {},
): Promise<GpuRouting> {
  const gpu = gpuOf(context);
  if (!(logits instanceof GpuMatrix)) throw new ArgumentError('logits', logits, 'a GpuMatrix');
  logits.requireAlive('logits');
  if (logits.gpu !== gpu) throw new ArgumentError('logits', logits, 'a matrix on this context');
  const chosen = chooseLayout(layout);
  const plan = planRouting(logits.cols, options);
  const { experts, topK, groups, topGroups, scored } = plan;
  const assignments = logits.rows * topK;
  const capacity = capacityOf(assignments, experts, chosen);
  requireRoom(gpu, capacity, chosen);
  const { add, multiply, fma } = await nativeArithmetic(gpu);
  const native = add && multiply && fma;
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

/** @throws UnsupportedError naming the option, if experts' rows are more than a buffer has words for */
function requireRoom(gpu: Gpu, capacity: number, { alignment, groupRows }: ChosenLayout): void {
  const most = Math.floor(gpu.largestBuffer / 4);
  if (capacity <= most) return;
  const [option, fewer] =
    groupRows > 0
      ? [`groupRows is ${groupRows}`, 'Give each expert fewer rows.']
      : [`alignment is ${alignment}`, 'Take a smaller one, or fewer tokens.'];
  throw new UnsupportedError(
    `layout.${option}: the experts' rows are ${capacity} in all, and a routing on ${gpu.adapter.name} has room for ` +
      `${most}. ${fewer}`,
  );
}
