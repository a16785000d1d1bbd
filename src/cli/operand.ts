/** @file An operand of gemm on the command line: a folder of octile quantize, or codes with or without scales. */

import { dirname } from 'node:path';
import { ArgumentError } from '../errors.js';
import { type FormatName, formatByName } from '../format/formats.js';
import { statOf } from '../io/files.js';
import { matchGranularity, unitScales } from '../io/match-granularity.js';
import { type Note, readCodes, readScales } from '../io/matrix-file.js';
import { defaultFormat, folderPaths, readFolder } from '../io/quantized-folder.js';
import { type GranularityName, granularityByName } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { filesOf } from './argument.js';

/** What the command line says about one operand. */
export interface OperandOptions {
  /** --a or --b, which all the operand's options begin with. */
  readonly argument: '--a' | '--b';
  /** A folder or a file of codes. */
  readonly path: string;
  readonly scale?: string | undefined;
  readonly format?: FormatName | undefined;
  readonly granularity?: GranularityName | undefined;
}

export interface FileOperand {
  readonly path: string;
  readonly matrix: QuantizedMatrix;
  /** Every file that was read. */
  readonly files: readonly string[];
}

/**
 * Reads an operand. Without scales every scale is 1.
 * @throws FileError for files that do not hold it, ArgumentError for options that contradict them
 */
export async function readOperand(options: OperandOptions, note: Note): Promise<FileOperand> {
  const { argument, path, scale } = options;
  if (!(await filesOf(argument, () => statOf(path)))?.isDirectory()) return readArrays(options, note);
  if (scale !== undefined)
    throw new ArgumentError(`${argument}-scale`, scale, `nothing, because ${path} is a folder with scales`);
  const { matrix } = await filesOf(argument, () =>
    readFolder(path, {
      format: options.format,
      granularity: options.granularity,
      formatArgument: `${argument}-format`,
      granularityArgument: `${argument}-granularity`,
      note,
    }),
  );
  return { path, matrix, files: Object.values(folderPaths(path)) };
}

async function readArrays(options: OperandOptions, note: Note): Promise<FileOperand> {
  const { argument, path, scale, granularity: asked } = options;
  const format = formatByName(options.format ?? defaultFormat, `${argument}-format`);
  const { rows, cols, codes } = await filesOf(argument, () => readCodes(path, format));
  if (scale === undefined) {
    const granularity = granularityByName(asked ?? 'tensor', `${argument}-granularity`);
    const beside = folderPaths(dirname(path)).scales;
    if (await statOf(beside))
      note(
        `${path}: scales are taken as 1; to use ${beside}, name it with ${argument}-scale, or name the folder`,
      );
    const { scales } = unitScales(granularity, rows, cols);
    return {
      path,
      matrix: new QuantizedMatrix(rows, cols, format, granularity, codes, scales),
      files: [path],
    };
  }
  const { scales, granularity } = await filesOf(`${argument}-scale`, async () => {
    const scales = await readScales(scale, note);
    const described = { rows, cols, scales, file: scale, argument: `${argument}-granularity` };
    return { scales, granularity: matchGranularity(described, asked) };
  });
  return {
    path,
    matrix: new QuantizedMatrix(rows, cols, format, granularity, codes, scales.scales),
    files: [path, scale],
  };
}
