/**
 * @file A linear layer trained in FP8: its three products, what it keeps between the passes, and what that saves.
 *
 * After DeepSeek-V3 (arXiv 2412.19437, section 3.3): all three products take FP8 operands with fine-grained scales,
 * and give f32 or bf16. The weight gradient sums over tokens, so that x and dy need tiles along tokens there.
 */

import type { Context } from '../context.js';
import { ArgumentError, requireOptions } from '../errors.js';
import { disposeSymbol, GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { asMatrix, type Matrix } from '../matrix.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import type { QuantizedPair } from '../quantize/with-transpose.js';
import { gpuOf } from '../require-context.js';
import { chooseRecipe, type LinearOptions, type Recipe } from './recipe.js';

/** Bytes that a forward pass holds for its backward pass, beside what other types would take. */
export interface KeptBytes {
  /** Codes and scales of the activations. */
  readonly bytes: number;
  /** The same activations as plain matrices. */
  readonly f32: number;
  readonly bf16: number;
}

export interface BackwardOptions {
  /**
   * Outputs × inputs, f32: the weight gradient is added to it, in place; of passes at the same time one after the other.
   * Default: a new matrix.
   */
  readonly dw?: GpuMatrix | undefined;
}

/** The gradients of a pass. The caller owns them. */
export interface Gradients {
  /** Tokens × inputs. */
  readonly dx: GpuMatrix;
  /** Outputs × inputs, f32; the matrix given, if one was. */
  readonly dw: GpuMatrix;
}

/** Codes of a matrix and of its transpose, as quantizeWithTranspose() and the fused casts give them. */
type Pair = QuantizedPair<GpuQuantizedMatrix>;

/** The last of the backward passes that add to a matrix, which each of them reads and writes again. */
const lastAddition = new WeakMap<GpuMatrix, Promise<unknown>>();

/** Does the work when those that add to the same matrix are done, whatever became of them. */
function inTurn<T>(dw: GpuMatrix, work: () => Promise<T>): Promise<T> {
  const mine = (lastAddition.get(dw) ?? Promise.resolve()).then(work);
  lastAddition.set(
    dw,
    mine.catch(() => undefined),
  );
  return mine;
}

/** A linear layer's arithmetic. It holds no weights: a training loop owns those. */
export class Linear {
  constructor(
    readonly context: Context,
    readonly recipe: Recipe,
  ) {}

  /**
   * y = x · wᵀ.
   * @param x tokens × inputs; or its codes, as a fused cast gives them, of which the transposed ones are kept and must
   *   live until the backward pass
   * @param w outputs × inputs; quantised by the recipe, or already quantised in 128×128 blocks, so that the passes of
   *   many batches share one quantisation
   * @returns y, and what the backward pass needs; both are the caller's to dispose of
   * @throws ArgumentError if shapes do not fit or codes are not in 1×128 tiles, UnsupportedError if no kernel can run
   *   it, DisposedError if something has been disposed of
   */
  async forward(
    x: Matrix | GpuMatrix | Pair,
    w: Matrix | GpuMatrix | QuantizedMatrix | GpuQuantizedMatrix,
  ): Promise<LinearPass> {
    const { cols } = shapeOf(this.context, 'x', x);
    requireHere(this.context, 'w', w);
    if (w instanceof QuantizedMatrix || w instanceof GpuQuantizedMatrix) requireBlocks(w);
    else if (!(w instanceof GpuMatrix)) asMatrix(w, 'w');
    if (cols !== w.cols) throw new ArgumentError('x.cols', cols, `w.cols, ${w.cols}: y = x · wᵀ`);
    const { context, recipe } = this;
    const owned: { dispose(): void }[] = [];
    const keep = <T extends { dispose(): void }>(one: T): T => {
      owned.push(one);
      return one;
    };
    try {
      const weights =
        w instanceof GpuQuantizedMatrix
          ? w
          : keep(
              w instanceof QuantizedMatrix
                ? await context.upload(w)
                : await context.quantize(w, recipe.weights),
            );
      const { activations, saved } = await this.#quantizeInput(x, keep);
      const y = await context.gemm(activations, weights, { ...recipe.products.fprop, out: recipe.out });
      if (activations !== saved && !isPair(x)) activations.dispose();
      return new LinearPass(
        this,
        y,
        weights,
        { codes: saved, turned: isPair(x) || recipe.keep === 'transposed' },
        owned,
      );
    } catch (error) {
      for (const one of owned) one.dispose();
      throw error;
    }
  }

  /** The codes to multiply, and those to keep. */
  async #quantizeInput(
    x: Matrix | GpuMatrix | Pair,
    keep: <T extends { dispose(): void }>(one: T) => T,
  ): Promise<{ activations: GpuQuantizedMatrix; saved: GpuQuantizedMatrix }> {
    const { context, recipe } = this;
    if (isPair(x)) return { activations: x.quantized, saved: x.transposed };
    if (recipe.keep === 'transposed') {
      const { quantized, transposed } = await context.quantizeWithTranspose(x, recipe.activations);
      return { activations: keep(quantized), saved: keep(transposed) };
    }
    const activations = keep(await context.quantize(x, recipe.activations));
    if (recipe.keep === 'tiles') return { activations, saved: activations };
    return { activations, saved: keep(await context.quantize(x, recipe.kept)) };
  }
}

/** What a forward pass keeps of its activations. */
interface Saved {
  readonly codes: GpuQuantizedMatrix;
  /** Whether they are those of the transpose already. */
  readonly turned: boolean;
}

/** A forward pass that waits for its backward pass. Free it with dispose() or `using`. */
export class LinearPass {
  readonly #layer: Linear;
  readonly #weights: GpuQuantizedMatrix;
  readonly #saved: Saved;
  readonly #owned: readonly { dispose(): void }[];

  constructor(
    layer: Linear,
    /** Tokens × outputs. The caller's to dispose of: dispose() of the pass leaves it alone. */
    readonly y: GpuMatrix,
    weights: GpuQuantizedMatrix,
    saved: Saved,
    owned: readonly { dispose(): void }[],
  ) {
    this.#layer = layer;
    this.#weights = weights;
    this.#saved = saved;
    this.#owned = owned;
  }

  /** What the activations take until the backward pass. */
  get kept(): KeptBytes {
    const { codes, scales } = this.#saved.codes;
    const shape = [this.y.rows, this.#weights.cols] as const;
    return {
      bytes: codes.size + scales.size,
      f32: GpuMatrix.byteLength(...shape, 'f32'),
      bf16: GpuMatrix.byteLength(...shape, 'bf16'),
    };
  }

  /**
   * dx = dy · w and dw = dyᵀ · x (+ dw).
   * @param dy tokens × outputs: the gradient of the loss with respect to y; or its codes, as a fused cast gives them
   * @throws ArgumentError if shapes do not fit, UnsupportedError if no kernel can run it, DisposedError if something
   *   has been disposed of
   */
  async backward(dy: Matrix | GpuMatrix | Pair, options: BackwardOptions = {}): Promise<Gradients> {
    requireOptions('options', options, { dw: true });
    const { dw } = options;
    const weights = this.#weights;
    this.#saved.codes.requireAlive('pass');
    weights.requireAlive('w');
    this.#requireShapes(dy, dw);
    const { context, recipe } = this.#layer;
    const temporary: { dispose(): void }[] = [];
    const keep = <T extends { dispose(): void }>(one: T): T => {
      temporary.push(one);
      return one;
    };
    let dx: GpuMatrix | undefined;
    try {
      const pair = isPair(dy) ? dy : await context.quantizeWithTranspose(dy, recipe.gradients);
      if (pair !== dy) for (const one of [pair.quantized, pair.transposed]) keep(one);
      const { dgrad, wgrad } = recipe.products;
      dx = await context.gemm(pair.quantized, weights, { ...dgrad, layout: 'NN', out: recipe.out });
      const saved = this.#saved;
      const turned = saved.turned
        ? saved.codes
        : keep(await context.requantizeTransposed(saved.codes, recipe.activations));
      const product = () => context.gemm(pair.transposed, turned, { ...wgrad, c: dw });
      if (!dw) return { dx, dw: await product() };
      await inTurn(dw, async () => {
        // A kernel cannot read and write one buffer.
        const sum = keep(await product());
        await context.gpu.guard('writing the weight gradient', async () =>
          context.gpu.copy(sum.buffer, dw.buffer, GpuMatrix.byteLength(dw.rows, dw.cols, 'f32')),
        );
      });
      return { dx, dw };
    } catch (error) {
      dx?.dispose();
      throw error;
    } finally {
      for (const one of temporary) one.dispose();
    }
  }

  #requireShapes(dy: Matrix | GpuMatrix | Pair, dw: GpuMatrix | undefined): void {
    const { y } = this;
    const weights = this.#weights;
    const { context } = this.#layer;
    const { rows, cols } = shapeOf(context, 'dy', dy);
    if (rows !== y.rows || cols !== y.cols)
      throw new ArgumentError('dy', `${rows}x${cols}`, `a matrix of y's shape, ${y.rows}x${y.cols}`);
    if (dw === undefined) return;
    if (!(dw instanceof GpuMatrix)) throw new ArgumentError('dw', dw, 'a GpuMatrix, which is added to');
    requireHere(context, 'dw', dw);
    if (dw.rows !== weights.rows || dw.cols !== weights.cols || dw.dtype !== 'f32')
      throw new ArgumentError(
        'dw',
        `${dw.rows}x${dw.cols} ${dw.dtype}`,
        `a matrix of w's shape, ${weights.rows}x${weights.cols}, in f32`,
      );
  }

  /** Frees what was kept. Safe to call twice. */
  dispose(): void {
    for (const one of this.#owned) one.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

/**
 * A linear layer in FP8 on a context.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function linear(context: Context, options: LinearOptions = {}): Linear {
  gpuOf(context);
  return new Linear(context, chooseRecipe(options));
}

function isPair(source: Matrix | GpuMatrix | Pair): source is Pair {
  return typeof source === 'object' && source !== null && 'quantized' in source;
}

/**
 * @throws ArgumentError if it is no matrix on this context, or codes that are not those of a matrix and its transpose in
 *   1×128 tiles; DisposedError if it has been disposed of
 */
function shapeOf(
  context: Context,
  argument: string,
  source: Matrix | GpuMatrix | Pair,
): { rows: number; cols: number } {
  requireHere(context, argument, source);
  if (!isPair(source)) return source instanceof GpuMatrix ? source : asMatrix(source, argument);
  const { quantized, transposed } = source;
  for (const [name, one] of Object.entries({ quantized, transposed })) {
    if (!(one instanceof GpuQuantizedMatrix))
      throw new ArgumentError(`${argument}.${name}`, one, 'a GpuQuantizedMatrix');
    requireHere(context, `${argument}.${name}`, one);
    if (one.granularity.name !== '1x128')
      throw new ArgumentError(`${argument}.${name}.granularity`, one.granularity.name, '1x128');
  }
  if (transposed.rows !== quantized.cols || transposed.cols !== quantized.rows)
    throw new ArgumentError(
      `${argument}.transposed`,
      `${transposed.rows}x${transposed.cols}`,
      `codes of the transpose, ${quantized.cols}x${quantized.rows}`,
    );
  return quantized;
}

/** @throws ArgumentError if it is on another context, DisposedError if it has been disposed of */
function requireHere(context: Context, argument: string, one: unknown): void {
  if (!(one instanceof GpuMatrix || one instanceof GpuQuantizedMatrix)) return;
  one.requireAlive(argument);
  if (one.gpu !== context.gpu) throw new ArgumentError(argument, one, 'a matrix on this context');
}

function requireBlocks({ granularity }: QuantizedMatrix | GpuQuantizedMatrix): void {
  const { tileRows, tileCols, name } = granularity;
  if (tileRows !== tileCols)
    throw new ArgumentError(
      'w.granularity',
      name,
      '128x128 or tensor, whose tiles are those of the transpose too',
    );
}
