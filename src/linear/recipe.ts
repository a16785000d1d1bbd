/** @file How a linear layer is quantised: formats, scales, and what is kept from the forward to the backward pass. */

import type { AccumulateOptions } from '../accumulate/plan.js';
import { ArgumentError, requireOptions } from '../errors.js';
import type { Format } from '../format/format.js';
import { asFormat, type FormatName } from '../format/formats.js';
import { resolveOrder } from '../gemm/accumulation.js';
import { emulators, kernels } from '../gemm/registry.js';
import { type Dtype, dtypes } from '../matrix.js';
import { chooseTiles, requireBlockWidth, type TileOptions } from '../quantize/block.js';
import type { DialectName } from '../quantize/dialect.js';
import { granularityByName } from '../quantize/granularity.js';
import type { QuantizeOptions } from '../quantize/options.js';

/**
 * What is kept of the activations, whose transpose the weight gradient needs in 1×128 tiles of its own:
 *
 * - transposed: those tiles, quantised from the activations themselves
 * - tiles: the 1×128 tiles of the forward pass, which the backward pass dequantises, transposes and quantises again
 * - e5m6: tiles of e5m6 with power-of-two scales, turned the same way; DeepSeek-V3 does so with the inputs of the
 *   linear layer behind attention (arXiv 2412.19437, section 3.3.3)
 */
export const keeps = ['transposed', 'tiles', 'e5m6'] as const;
export type Keep = (typeof keeps)[number];

/** Which kernel multiplies, and how it adds up: as in GemmOptions. */
export interface ProductOptions extends Partial<AccumulateOptions> {
  readonly kernel?: 'auto' | (string & {});
}

/** The products of a training step: y = x · wᵀ, dx = dy · w, dw = dyᵀ · x. */
export const passes = ['fprop', 'dgrad', 'wgrad'] as const;
export type Pass = (typeof passes)[number];

export interface LinearOptions {
  /** Of x and w. Default e4m3. */
  readonly format?: Format | FormatName;
  /** Of dy. Default that of x and w; e5m2 with e4m3 is the earlier, hybrid recipe. */
  readonly gradientFormat?: Format | FormatName;
  /** Of every scale. Default deepgemm. */
  readonly dialect?: DialectName;
  /** Whether scales are powers of two. Default false. */
  readonly powerOfTwo?: boolean;
  /** Default transposed. */
  readonly keep?: Keep;
  /** Type of y and dx. Default f32; dw is always f32. */
  readonly out?: Dtype;
  /** For all three products, or for one of them, by its name. */
  readonly products?: ProductOptions & Partial<Readonly<Record<Pass, ProductOptions>>>;
}

const optionNames = {
  format: true,
  gradientFormat: true,
  dialect: true,
  powerOfTwo: true,
  keep: true,
  out: true,
  products: true,
} as const;

const productNames = {
  kernel: true,
  accumulator: true,
  promote: true,
  promotion: true,
  splitK: true,
} as const;

/** How each operand is quantised, and each product computed. */
export interface Recipe {
  readonly activations: TileOptions;
  readonly gradients: TileOptions;
  readonly weights: QuantizeOptions;
  readonly keep: Keep;
  /** How what is kept is quantised, where it is not the codes of the forward pass or of the transpose. */
  readonly kept: TileOptions;
  readonly out: Dtype;
  readonly products: Readonly<Record<Pass, ProductOptions>>;
}

/**
 * The recipe that options stand for.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function chooseRecipe(options: LinearOptions = {}): Recipe {
  requireOptions('options', options, optionNames);
  const { keep = 'transposed', out = 'f32', products = {} } = options;
  const format = asFormat(options.format ?? 'e4m3');
  const gradientFormat = asFormat(options.gradientFormat ?? format, 'gradientFormat');
  if (!keeps.includes(keep)) throw new ArgumentError('keep', keep, keeps.join(', '));
  if (!dtypes.includes(out)) throw new ArgumentError('out', out, dtypes.join(', '));
  requireBlockWidth('gradientFormat', gradientFormat);
  const { dialect = 'deepgemm', powerOfTwo = false } = options;
  const scaling = { dialect, powerOfTwo };
  const activations = { format, ...scaling };
  chooseTiles(activations);
  return {
    activations,
    gradients: { format: gradientFormat, ...scaling },
    weights: { format, ...scaling, granularity: '128x128' },
    keep,
    kept: { format: 'e5m6', dialect, powerOfTwo: true },
    out,
    products: chooseProducts(products),
  };
}

function chooseProducts(products: NonNullable<LinearOptions['products']>): Recipe['products'] {
  requireOptions('products', products, { ...productNames, fprop: true, dgrad: true, wgrad: true });
  const { fprop = {}, dgrad = {}, wgrad = {}, ...all } = products;
  const chosen = (pass: Pass, one: ProductOptions): ProductOptions => {
    requireOptions(`products.${pass}`, one, productNames);
    const told = (options: object) => Object.entries(options).filter(([, value]) => value !== undefined);
    const product: ProductOptions = Object.fromEntries([...told(all), ...told(one)]);
    requireProduct(
      product,
      (name) => `products.${told(one).some(([key]) => key === name) ? `${pass}.` : ''}${name}`,
    );
    return product;
  };
  return { fprop: chosen('fprop', fprop), dgrad: chosen('dgrad', dgrad), wgrad: chosen('wgrad', wgrad) };
}

/** All of K, as far as options depend on it: their scales are those of 128 elements in each product. */
const anyK = 2 ** 30;
const tiles = { granularity: granularityByName('1x128') };

/**
 * Checks what does not depend on shapes, so that a backward pass does not find it out.
 * @param argument how the caller wrote an option
 */
function requireProduct(product: ProductOptions, argument: (name: string) => string): void {
  const { kernel = 'auto', accumulator } = product;
  const emulating = emulators.map(({ name }) => name);
  const fitting = ['auto', ...(accumulator === undefined ? kernels.map(({ name }) => name) : emulating)];
  if (!fitting.includes(kernel))
    throw new ArgumentError(
      argument('kernel'),
      kernel,
      `${accumulator === undefined ? 'without' : 'with'} an accumulator ${fitting.join(', ')}`,
    );
  try {
    resolveOrder({ k: anyK, a: tiles, b: tiles, c: undefined }, product);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ArgumentError(argument(error.argument), error.value, error.allowed);
  }
}
