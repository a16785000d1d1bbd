/** @file octile gemm: D = A · Bᵀ (+ C) of quantised matrices. */

import type { Command } from 'commander';
import { ArgumentError } from '../errors.js';
import type { FormatName } from '../format/formats.js';
import { layoutProblem, layouts, turnedSides } from '../gemm/layout.js';
import type { GemmProblem } from '../gemm/problem.js';
import { kernelNames } from '../gemm/registry.js';
import { requireOutputFile, writeFiles } from '../io/files.js';
import { matrixFile, type Note, readMatrix } from '../io/matrix-file.js';
import { type Dtype, dtypes, type Matrix } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import {
  type AccumulatorFlags,
  accumulatorOptions,
  accumulatorResult,
  accumulatorText,
  readAccumulator,
  requireKernelFor,
} from './accumulator.js';
import { filesOf } from './argument.js';
import { noteProduct } from './finite.js';
import { foldingText } from './folding.js';
import {
  type GroupFlags,
  groupOptions,
  groupsProblem,
  groupsResult,
  groupsText,
  readGroups,
  requireAccumulatorForGroups,
  requireGroupFlags,
} from './groups.js';
import {
  adapterOption,
  choiceOption,
  examples,
  formatOption,
  granularityOption,
  jsonOption,
  parsePath,
} from './help.js';
import { type FileOperand, readOperand } from './operand.js';
import { type ProductOptions, productOnCpu, productOnGpu } from './product.js';
import { bytes, list, time } from './table.js';
import { collectNotes, printResult } from './terminal.js';

interface GemmCommandOptions extends ProductOptions, AccumulatorFlags, GroupFlags {
  readonly a: string;
  readonly b: string;
  readonly aScale?: string;
  readonly bScale?: string;
  readonly aFormat?: FormatName;
  readonly bFormat?: FormatName;
  readonly aGranularity?: GranularityName;
  readonly bGranularity?: GranularityName;
  readonly c?: string;
  readonly cDtype?: Dtype;
  readonly output: string;
}

export function registerGemm(program: Command): void {
  const command = program
    .command('gemm')
    .summary('multiply quantised matrices')
    .description(
      'D = A · Bᵀ (+ C): A is M x K, B is N x K, C and D are M x N; with --layout, operands that lie otherwise. ' +
        'An operand is a folder of octile quantize, or a ' +
        'file of codes with its scales; missing scales mean 1.',
    )
    .requiredOption('--a <A.npy|DIR>', 'codes of A, or a folder', parsePath)
    .requiredOption('--b <B.npy|DIR>', 'codes of B, or a folder', parsePath)
    .option('--a-scale <SA.npy>', 'scales of A', parsePath)
    .option('--b-scale <SB.npy>', 'scales of B', parsePath)
    .addOption(formatOption('--a-format <format>', 'format of A (default: as the folder says, else e4m3)'))
    .addOption(formatOption('--b-format <format>', 'format of B (default: as the folder says, else e4m3)'))
    .addOption(
      granularityOption('--a-granularity <granularity>', "granularity of A (default: by the scales' shape)"),
    )
    .addOption(
      granularityOption('--b-granularity <granularity>', "granularity of B (default: by the scales' shape)"),
    )
    .addOption(
      choiceOption(
        '--layout <layout>',
        'how A and B lie: A is M x K for N and K x M for T, B is K x N for N and N x K for T',
        layouts,
      ).default('NT'),
    )
    .option('--c <C.npy>', 'a matrix to add', parsePath)
    .addOption(choiceOption('--c-dtype <dtype>', 'what C.npy holds; needed for bf16 only', dtypes))
    .addOption(
      choiceOption(
        '--kernel <kernel>',
        'auto: the best that fits; reference: on the CPU, exact or as --accumulator says',
        ['auto', ...kernelNames, 'reference'],
      ).default('auto'),
    )
    .addOption(choiceOption('--out <dtype>', "D's type; bf16 as u2", dtypes).default('f32'))
    .requiredOption('-o, --output <D.npy>', 'the file to write')
    .addOption(adapterOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile gemm --a x8 --b w8 -o d.npy', 'folders of octile quantize'],
        ['octile gemm --a A.npy --a-scale SA.npy --b B.npy --b-scale SB.npy -o D.npy', 'codes and scales'],
        ['octile gemm --a x8 --b w8 --c c.npy --out bf16 -o d.npy', 'adds C, rounds to bf16'],
        ['octile gemm --a dy8 --b w8 --layout NN -o dx.npy', 'W as it lies, N x K, in the backward pass'],
        ['octile gemm --a x8 --b w8 --groups 70,0,58 -o d.npy', 'three experts, the second without tokens'],
        [
          'octile gemm --a x8 --b w8 --masked 70,0,58 --group-rows 128 -o d.npy',
          'the same, with room for 128 each',
        ],
        ['octile gemm --a dyt8 --b xt8 --k-groups 512,256 -o dw.npy', 'dW of two experts from dYᵀ and Xᵀ'],
        ['octile gemm --a x8 --b w8 --kernel reference -o exact.npy', 'every product and sum exact'],
        ['octile gemm --a x8 --b w8 --accumulator hopper-wgmma -o d.npy', "a Hopper tensor core's bits"],
        ['octile gemm --a x8 --b w8 --accumulator exact --promote 32 -o d.npy', 'rounded every 32 of K'],
      ]),
    )
    .action(multiply);
  for (const option of [...groupOptions(), ...accumulatorOptions()]) command.addOption(option);
}

async function multiply(options: GemmCommandOptions): Promise<void> {
  const { notes, note } = collectNotes();
  const { output, out, kernel } = options;
  requireGroupFlags(options);
  const a = await readOperand(
    {
      argument: '--a',
      path: options.a,
      scale: options.aScale,
      format: options.aFormat,
      granularity: options.aGranularity,
    },
    note,
  );
  const b = await readOperand(
    {
      argument: '--b',
      path: options.b,
      scale: options.bScale,
      format: options.bFormat,
      granularity: options.bGranularity,
    },
    note,
  );
  const c = options.c === undefined ? undefined : await readAddend(options.c, options.cDtype, note);
  const shapes = requireShapes(a, b, c, options);
  const groups = readGroups(options, a);
  const problem = groups ? groupsProblem(groups, a, b, out) : shapes;
  const inputs = [...a.files, ...b.files, ...(options.c === undefined ? [] : [options.c])];
  await filesOf('--output', () => requireOutputFile(output, inputs));

  const accumulator = readAccumulator(options, problem);
  requireKernelFor(accumulator, kernel);
  if (accumulator && groups) requireAccumulatorForGroups(accumulator, groups, problem, b);
  const work = { a, b, c, groups, problem, accumulator };
  const product = await (kernel === 'reference' ? productOnCpu : productOnGpu)(work, options);
  noteProduct(product.matrix, note);
  await filesOf('--output', () => writeFiles([matrixFile(output, product.matrix)]));

  const { m, n, k } = problem;
  const result = {
    command: 'gemm',
    layout: options.layout,
    ...(groups ? groupsResult(groups) : {}),
    m,
    n,
    k,
    a: describe(a),
    b: describe(b),
    ...(c ? { c: { path: options.c, dtype: c.dtype, bytes: c.data.byteLength } } : {}),
    output: { path: output, dtype: out, bytes: product.matrix.data.byteLength },
    ...(accumulator ? { accumulator: accumulatorResult(accumulator) } : {}),
    kernel: product.kernel,
    ...(product.folding ? { folding: product.folding } : {}),
    ...(product.adapter ? { adapter: product.adapter } : {}),
    milliseconds: product.milliseconds,
    notes,
  };
  printResult(options, result, () =>
    list([
      ['A', operandText(a)],
      ['B', operandText(b)],
      ...(c ? [['C', `${options.c}: ${m} x ${n} ${c.dtype}, ${bytes(c.data.byteLength)}`] as const] : []),
      ['D', `${output}: ${product.matrix.rows} x ${n} ${out}, ${bytes(product.matrix.data.byteLength)}`],
      ...(groups ? [['groups', groupsText(groups)] as const] : []),
      ...(accumulator ? [['accumulator', accumulatorText(accumulator)] as const] : []),
      ['kernel', product.kernel],
      ...(product.folding ? [['scales', foldingText(product.folding)] as const] : []),
      [
        'time',
        `${time(product.milliseconds)}${product.adapter ? ', compilation and transfers included' : ''}`,
      ],
    ]),
  );
}

function readAddend(path: string, dtype: Dtype | undefined, note: Note): Promise<Matrix> {
  return filesOf('--c', () => readMatrix(path, { dtype, argument: '--c-dtype', note }));
}

/** The problem that the operands pose; what does not fit is named by its option and file. */
function requireShapes(
  a: FileOperand,
  b: FileOperand,
  c: Matrix | undefined,
  { c: cPath, layout, out }: GemmCommandOptions,
): GemmProblem {
  const turned = turnedSides(layout);
  const [m, k] = turned.a ? [a.matrix.cols, a.matrix.rows] : [a.matrix.rows, a.matrix.cols];
  const [n, kOfB] = turned.b ? [b.matrix.cols, b.matrix.rows] : [b.matrix.rows, b.matrix.cols];
  const product = layout === 'NT' ? 'D = A · Bᵀ' : `the layout is ${layout}`;
  if (kOfB !== k)
    throw new ArgumentError(
      '--b',
      `${b.path}, ${b.matrix.rows} x ${b.matrix.cols}`,
      `${turned.b ? `${k} x N` : `N x ${k}`}, because --a (${a.path}) is ${a.matrix.rows} x ${a.matrix.cols} and ${product}`,
    );
  if (c && (c.rows !== m || c.cols !== n))
    throw new ArgumentError(
      '--c',
      `${cPath}, ${c.rows} x ${c.cols}`,
      `${m} x ${n}, because --a is ${a.matrix.rows} x ${a.matrix.cols} and --b is ${b.matrix.rows} x ${b.matrix.cols}`,
    );
  return layoutProblem(a.matrix, b.matrix, c, out, layout);
}

function describe({ path, matrix }: FileOperand): object {
  return {
    path,
    rows: matrix.rows,
    cols: matrix.cols,
    format: matrix.format.name,
    granularity: matrix.granularity.name,
    bytes: matrix.codes.byteLength + matrix.scales.byteLength,
  };
}

function operandText({ path, matrix }: FileOperand): string {
  const { rows, cols, format, granularity, codes, scales } = matrix;
  return `${path}: ${rows} x ${cols} ${format.name}, ${granularity.name}, ${bytes(codes.byteLength + scales.byteLength)}`;
}
