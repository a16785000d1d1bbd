/**
 * @file Quantising in one pass over 128×128 of the source: to 1×128 tiles of the matrix, of its transpose, or of
 * both. Where the values come from is a part of the shader of its own.
 */

import blockWgsl from '../../shaders/quantize/block.wgsl?raw';
import columnsWgsl from '../../shaders/quantize/block-columns.wgsl?raw';
import columnsNoneWgsl from '../../shaders/quantize/block-columns-none.wgsl?raw';
import blockParamsWgsl from '../../shaders/quantize/block-params.wgsl?raw';
import rowsWgsl from '../../shaders/quantize/block-rows.wgsl?raw';
import rowsNoneWgsl from '../../shaders/quantize/block-rows-none.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import scaleWgsl from '../../shaders/quantize/scale.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { ArgumentError, requireOptions } from '../errors.js';
import { type Format, width } from '../format/format.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { granularityByName } from './granularity.js';
import { chooseQuantization, type Quantization, type QuantizeOptions } from './options.js';
import { scaleConstants } from './shader.js';
import { overTiles } from './tiles.js';
import { quantizedTraits } from './traits.js';

/** Rows and columns of the source that a workgroup quantises. */
const side = 128;
/** Rough integer operations to scale and encode an element once. */
const operationsPerCode = 150;

/** Storage buffers that every WebGPU device lets a shader bind. */
const mostBuffers = 8;

/** Widths of codes of which eight are whole words, at most four. */
export const blockWidths: readonly number[] = [4, 8, 12, 16];

/** Where the values of a block come from: files that give `source_eight`, their constants, buffers and parameters. */
export interface BlockSource {
  readonly label: string;
  readonly rows: number;
  readonly cols: number;
  readonly part: Pick<Shader, 'files' | 'constants'>;
  /** Bound from 1 on. */
  readonly buffers: readonly GPUBuffer[];
  /** At most eight words: `source` and `second` of Params. */
  readonly params: readonly number[];
  /** Rough operations to come by an element. */
  readonly operationsPerElement: number;
}

/** What a shader over a source is made of. */
export type SourceShader = Pick<BlockSource, 'label' | 'part'> & { readonly bufferCount: number };

/** What is made of a source; at least one of them. */
export interface BlockTargets {
  /** Of the source's shape, in 1×128 tiles. */
  readonly rows?: GpuQuantizedMatrix | undefined;
  /** Of the transposed shape, in 1×128 tiles. */
  readonly columns?: GpuQuantizedMatrix | undefined;
}

/** Which of the targets there are. */
export type BlockWays = Readonly<Record<keyof BlockTargets, boolean>>;

/** Options of quantisers whose tiles are 1×128. */
export type TileOptions = Omit<QuantizeOptions, 'granularity'>;
const tileOptionNames = { format: true, dialect: true, powerOfTwo: true } as const;

/**
 * The quantisation that options stand for, in 1×128 tiles.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function chooseTiles(options: TileOptions): Quantization {
  requireTileOptions(options);
  const quantization = chooseQuantization(options);
  requireBlockWidth('format', quantization.format);
  return quantization;
}

/**
 * @param more options beside these
 * @throws ArgumentError naming the option that does not exist
 */
export function requireTileOptions(options: TileOptions, more: Readonly<Record<string, true>> = {}): void {
  const given: QuantizeOptions = options;
  if (given?.granularity !== undefined)
    throw new ArgumentError('options.granularity', given.granularity, 'nothing: tiles are 1x128 here');
  requireOptions('options', options, { ...more, ...tileOptionNames });
}

/**
 * The same options, of codes in this format unless they name another.
 * @throws ArgumentError naming the option that does not exist
 */
export function ofFormat(format: Format, options: TileOptions): TileOptions {
  requireTileOptions(options);
  return { ...options, format: options.format ?? format };
}

/** @throws ArgumentError unless eight codes are whole words */
export function requireBlockWidth(argument: string, format: Format): void {
  if (!blockWidths.includes(width(format)))
    throw new ArgumentError(
      argument,
      `${format.name} of ${width(format)} bits`,
      `a format of ${blockWidths.join(', ')} bits; others in two passes, by quantize() and transpose()`,
    );
}

/** The shader that quantises blocks of a source. */
export function blockShader(
  source: SourceShader,
  ways: BlockWays,
  { format, scaling }: Quantization,
): Shader {
  const { normalize, round, product, multiply, divide } = arithmeticShaders;
  const { format: formatWgsl, decode, encode } = formatShaders;
  // Bindings follow the source's; what is not written has none.
  let next = source.bufferCount + 1;
  const bindings = (name: string, wanted: boolean) =>
    wanted ? { [`${name}_CODES`]: next++, [`${name}_SCALES`]: next++ } : {};
  const made = [ways.rows ? 'rows' : '', ways.columns ? 'columns' : ''].filter(Boolean).join(' and ');
  return {
    label: `${source.label} to ${format.name} tiles along ${made}`,
    files: [
      ...[
        formatWgsl,
        decode,
        encode,
        normalize,
        round,
        product,
        multiply,
        divide,
        scaleWgsl,
        eightWgsl,
        blockParamsWgsl,
      ],
      ...source.part.files,
      ...[ways.rows ? rowsWgsl : rowsNoneWgsl, ways.columns ? columnsWgsl : columnsNoneWgsl, blockWgsl],
    ],
    constants: {
      FORMAT: formatConstant(format),
      DIVIDE_VALUES: scaling.dialect.codeRule === 'divide',
      WRITE_ROWS: ways.rows,
      WRITE_COLUMNS: ways.columns,
      ...bindings('ROW', ways.rows),
      ...bindings('COLUMN', ways.columns),
      ...scaleConstants(format, scaling),
      ...source.part.constants,
    },
  };
}

/** The words `source` and `second` of Params. */
export function sourceWords({ params }: BlockSource): number[] {
  return Array.from({ length: 8 }, (_, i) => params[i] ?? 0);
}

/**
 * The dispatches that quantise `source` into `targets`, which may run any number of times. Where one shader cannot bind
 * everything, the source is read once for each target.
 */
export function blockDispatches(
  source: BlockSource,
  { rows, columns }: BlockTargets,
  quantization: Quantization,
): Dispatch[] {
  const apart = rows && columns && source.buffers.length + 4 > mostBuffers;
  return (apart ? [{ rows }, { columns }] : [{ rows, columns }]).flatMap((targets) =>
    dispatchesOf(source, targets, quantization),
  );
}

function dispatchesOf(source: BlockSource, targets: BlockTargets, quantization: Quantization): Dispatch[] {
  const { rows, cols, buffers } = source;
  const ways = { rows: targets.rows !== undefined, columns: targets.columns !== undefined };
  const [across, down] = [Math.ceil(cols / side), Math.ceil(rows / side)];
  const outputs = [targets.rows, targets.columns].flatMap((one) => (one ? [one.codes, one.scales] : []));
  const perElement =
    source.operationsPerElement + operationsPerCode * (Number(ways.rows) + Number(ways.columns));
  return overTiles(
    {
      shader: blockShader({ ...source, bufferCount: buffers.length }, ways, quantization),
      buffers: [...buffers, ...outputs],
      params: [
        ...[across, down, rows, cols, targets.rows?.wordPitch ?? 0, targets.columns?.wordPitch ?? 0],
        ...sourceWords(source),
      ],
    },
    across * down,
    side * side * perElement,
  );
}

/**
 * Quantises a source in the ways asked for.
 * @returns matrices that the caller owns; nothing else stays allocated, also when an error is thrown
 * @throws UnsupportedError if a buffer would be too large
 */
export async function quantizeBlocks<Ways extends BlockWays>(
  gpu: Gpu,
  source: BlockSource,
  ways: Ways,
  quantization: Quantization,
): Promise<{
  readonly [Way in keyof BlockTargets]-?: Ways[Way] extends true ? GpuQuantizedMatrix : undefined;
}> {
  const { rows, cols } = source;
  const { format } = quantization;
  const tiles = granularityByName('1x128');
  const make = (height: number, wide: number, label: string) =>
    GpuQuantizedMatrix.create(gpu, height, wide, format, tiles, label, quantizedTraits(quantization));
  const made: GpuQuantizedMatrix[] = [];
  try {
    const targets = await gpu.guard('making room for codes and scales', async () => {
      const keep = (one: GpuQuantizedMatrix) => {
        made.push(one);
        return one;
      };
      return {
        rows: ways.rows ? keep(make(rows, cols, 'quantised')) : undefined,
        columns: ways.columns ? keep(make(cols, rows, 'quantised transpose')) : undefined,
      };
    });
    await gpu.run('quantising', blockDispatches(source, targets, quantization));
    return targets as Awaited<ReturnType<typeof quantizeBlocks<Ways>>>;
  } catch (error) {
    for (const one of made) one.dispose();
    throw error;
  }
}
