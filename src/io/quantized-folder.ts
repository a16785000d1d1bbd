/**
 * @file A quantised matrix in a folder: codes.npy, scales.npy, and quantized.json, which says what they are. A
 * folder without the last can be read too, if its format and granularity are told or follow from the arrays.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgumentError, FileError } from '../errors.js';
import { elementFormats, formatByName } from '../format/formats.js';
import { dialectNames } from '../quantize/dialect.js';
import { allGranularityNames } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type FileContent, statOf } from './files.js';
import { matchGranularity } from './match-granularity.js';
import { codesFile, type Note, readCodes, readScales, scalesFile } from './matrix-file.js';

/** What quantized.json says. */
export interface QuantizedDescription {
  readonly rows: number;
  readonly cols: number;
  readonly format: string;
  readonly granularity: string;
  readonly dialect: string;
  /** Whether the scales were rounded up to powers of two. */
  readonly pow2: boolean;
}

/** A folder's matrix, and its description where there is one. */
export interface QuantizedFolder {
  readonly matrix: QuantizedMatrix;
  readonly description: QuantizedDescription | undefined;
}

/** What the caller says about a folder. It must not contradict the folder's description. */
export interface FolderOptions {
  readonly format?: string | undefined;
  readonly granularity?: string | undefined;
  /** How the caller spells the arguments above, for messages. */
  readonly formatArgument?: string;
  readonly granularityArgument?: string;
  readonly note?: Note;
}

/** The format of codes that nobody says anything about. */
export const defaultFormat = 'e4m3';

/** The paths of a folder's files. */
export function folderPaths(folder: string): { codes: string; scales: string; description: string } {
  return {
    codes: join(folder, 'codes.npy'),
    scales: join(folder, 'scales.npy'),
    description: join(folder, 'quantized.json'),
  };
}

/** The files that make up a folder. */
export function folderFiles(
  folder: string,
  source: QuantizedMatrix,
  made: Pick<QuantizedDescription, 'dialect' | 'pow2'>,
): FileContent[] {
  const { rows, cols, format, granularity, codes, scales, scaleRows, scaleCols } = source;
  const paths = folderPaths(folder);
  const description: QuantizedDescription = {
    rows,
    cols,
    format: format.name,
    granularity: granularity.name,
    dialect: made.dialect,
    pow2: made.pow2,
  };
  return [
    codesFile(paths.codes, { rows, cols, codes }),
    scalesFile(paths.scales, { shape: [scaleRows, scaleCols], scales }),
    { path: paths.description, parts: [Buffer.from(`${JSON.stringify(description, undefined, 2)}\n`)] },
  ];
}

/**
 * Reads a folder.
 * @throws FileError if its files are missing, broken or at odds with each other; ArgumentError if the options
 * contradict its description
 */
export async function readFolder(folder: string, options: FolderOptions = {}): Promise<QuantizedFolder> {
  const { formatArgument = 'format', granularityArgument = 'granularity', note } = options;
  const state = await statOf(folder);
  if (!state) throw new FileError(`${folder} does not exist`);
  if (!state.isDirectory())
    throw new FileError(
      `${folder} is not a folder; octile quantize writes one with codes.npy and scales.npy`,
    );
  const paths = folderPaths(folder);
  const description = await readDescription(paths.description);
  if (description) {
    requireSame(formatArgument, options.format, description.format, paths.description);
    requireSame(granularityArgument, options.granularity, description.granularity, paths.description);
  }
  const format = formatByName(description?.format ?? options.format ?? defaultFormat, formatArgument);
  const { rows, cols, codes } = await readCodes(paths.codes, format);
  if (description && (rows !== description.rows || cols !== description.cols))
    throw new FileError(
      `${paths.codes} is ${rows} x ${cols}, but ${paths.description} says ${description.rows} x ${description.cols}`,
    );
  const scales = await readScales(paths.scales, note);
  const granularity = matchGranularity(
    { rows, cols, scales, file: paths.scales, argument: granularityArgument },
    description?.granularity ?? options.granularity,
  );
  return { matrix: new QuantizedMatrix(rows, cols, format, granularity, codes, scales.scales), description };
}

function requireSame(argument: string, asked: string | undefined, held: string, file: string): void {
  if (asked !== undefined && asked !== held)
    throw new ArgumentError(argument, asked, `${held}, as ${file} says, or nothing`);
}

async function readDescription(path: string): Promise<QuantizedDescription | undefined> {
  const state = await statOf(path);
  if (!state) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new FileError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof content !== 'object' || content === null) throw new FileError(`${path} is not a JSON object`);
  const fields = content as Record<string, unknown>;
  return {
    rows: countField(path, fields, 'rows'),
    cols: countField(path, fields, 'cols'),
    format: nameField(path, fields, 'format', elementFormats),
    granularity: nameField(path, fields, 'granularity', allGranularityNames),
    dialect: nameField(path, fields, 'dialect', dialectNames),
    pow2: flagField(path, fields, 'pow2'),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function countField(path: string, fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw badField(path, name, value, 'a whole number of at least 1');
}

function nameField(path: string, fields: Fields, name: string, names: readonly string[]): string {
  const value = fields[name];
  if (typeof value === 'string' && names.includes(value)) return value;
  throw badField(path, name, value, names.join(', '));
}

function flagField(path: string, fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === 'boolean') return value;
  throw badField(path, name, value, 'true or false');
}

function badField(path: string, name: string, value: unknown, allowed: string): FileError {
  return new FileError(`${path}: ${name} is ${JSON.stringify(value)}; allowed: ${allowed}`);
}
