/** @file What tuning has found best on an adapter: products, and the kernel and tiling that win for each. */

import { ArgumentError } from '../errors.js';
import type { Tiling } from '../gemm/kernel.js';
import type { GemmProblem } from '../gemm/problem.js';

/** What makes two products comparable: everything but their shape. */
export interface ProductKind {
  readonly aFormat: string;
  readonly bFormat: string;
  readonly aGranularity: string;
  readonly bGranularity: string;
  readonly out: string;
}

/** The best there is for one product. */
export interface TunedProduct extends ProductKind {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly kernel: string;
  readonly tiling: Tiling;
  /** Median duration when it was tuned. */
  readonly microseconds: number;
  /** That of what `auto` takes untuned, where it could be measured; versions before did not keep it. */
  readonly untunedMicroseconds?: number;
}

/** All that is known of one adapter. */
export interface Tuning {
  readonly schema: typeof tuningSchema;
  readonly adapter: string;
  readonly products: readonly TunedProduct[];
}

/** Of the stored form; kernels change, and what was found for others says nothing. */
export const tuningSchema = 1;

/** A problem's kind; undefined for one that emulates an instruction or has groups, which are not tuned. */
export function kindOf({ a, b, out, accumulation, grouping }: GemmProblem): ProductKind | undefined {
  if (accumulation || grouping) return undefined;
  return {
    aFormat: a.format.name,
    bFormat: b.format.name,
    aGranularity: a.granularity.name,
    bGranularity: b.granularity.name,
    out,
  };
}

/** A tiling in words. */
export function tilingText(tiling: Tiling): string {
  return Object.entries(tiling)
    .map(([name, size]) => `${name} ${size}`)
    .join(', ');
}

const kindKeys = ['aFormat', 'bFormat', 'aGranularity', 'bGranularity', 'out'] as const;
const sizeKeys = ['m', 'n', 'k'] as const;

/** Factor in any dimension beyond which another product's winner is no guide. */
const farthest = 2;

/** The product of the same kind that is nearest in shape, if one is near enough. */
export function nearestProduct(tuning: Tuning, problem: GemmProblem): TunedProduct | undefined {
  const kind = kindOf(problem);
  if (!kind) return undefined;
  const distances = (product: TunedProduct) =>
    sizeKeys.map((size) => Math.abs(Math.log2(product[size] / problem[size])));
  const sum = (product: TunedProduct) => distances(product).reduce((a, b) => a + b, 0);
  return tuning.products
    .filter((product) => kindKeys.every((key) => product[key] === kind[key]))
    .filter((product) => distances(product).every((distance) => distance <= Math.log2(farthest)))
    .reduce<TunedProduct | undefined>(
      (best, product) => (best && sum(best) <= sum(product) ? best : product),
      undefined,
    );
}

/** What is known of the same product. */
export function knownProduct(tuning: Tuning, product: TunedProduct): TunedProduct | undefined {
  return tuning.products.find((known) => isSame(known, product));
}

function isSame(one: TunedProduct, other: TunedProduct): boolean {
  return [...sizeKeys, ...kindKeys].every((key) => one[key] === other[key]);
}

/** A tuning with products added, each in place of what was known of the same one. */
export function withProducts(tuning: Tuning, products: readonly TunedProduct[]): Tuning {
  const replaced = (known: TunedProduct) => products.some((one) => isSame(one, known));
  return { ...tuning, products: [...tuning.products.filter((known) => !replaced(known)), ...products] };
}

export function emptyTuning(adapter: string): Tuning {
  return { schema: tuningSchema, adapter, products: [] };
}

/**
 * A tuning out of what was stored.
 * @throws ArgumentError naming `argument` and the place where it is none
 */
export function asTuning(value: unknown, argument: string): Tuning {
  const { schema, adapter, products } = record(value, argument);
  if (schema !== tuningSchema) throw new ArgumentError(`${argument}.schema`, schema, `${tuningSchema}`);
  if (typeof adapter !== 'string')
    throw new ArgumentError(`${argument}.adapter`, adapter, "an adapter's name");
  if (!Array.isArray(products)) throw new ArgumentError(`${argument}.products`, products, 'an array');
  return {
    schema,
    adapter,
    products: products.map((one, i) => asProduct(one, `${argument}.products[${i}]`)),
  };
}

function asProduct(value: unknown, argument: string): TunedProduct {
  const fields = record(value, argument);
  const optional = fields.untunedMicroseconds === undefined ? [] : ['untunedMicroseconds'];
  for (const key of [...sizeKeys, 'microseconds', ...optional])
    if (typeof fields[key] !== 'number' || !(fields[key] > 0))
      throw new ArgumentError(`${argument}.${key}`, fields[key], 'a positive number');
  for (const key of [...kindKeys, 'kernel'])
    if (typeof fields[key] !== 'string') throw new ArgumentError(`${argument}.${key}`, fields[key], 'a name');
  const tiling = Object.entries(record(fields.tiling, `${argument}.tiling`));
  for (const [name, size] of tiling)
    if (typeof size !== 'number' && typeof size !== 'string')
      throw new ArgumentError(`${argument}.tiling.${name}`, size, 'a number or a name');
  return value as TunedProduct;
}

function record(value: unknown, argument: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ArgumentError(argument, value, 'an object');
  return value as Record<string, unknown>;
}
