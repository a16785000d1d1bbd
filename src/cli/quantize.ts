/** @file octile quantize: values to codes and scales. */

import type { Command } from 'commander';
import type { FormatName } from '../format/formats.js';
import { GpuMatrix } from '../gpu-matrix.js';
import { makeFolder, requireOutputFolder, writeFiles } from '../io/files.js';
import { readMatrix, readMatrixShape } from '../io/matrix-file.js';
import { defaultFormat, folderFiles, folderPaths } from '../io/quantized-folder.js';
import { type Dtype, dtypes } from '../matrix.js';
import { type DialectName, dialectNames } from '../quantize/dialect.js';
import type { GranularityName } from '../quantize/granularity.js';
import { chooseQuantization } from '../quantize/options.js';
import { filesOf } from './argument.js';
import { noteScales } from './finite.js';
import {
  adapterOption,
  choiceOption,
  examples,
  formatOption,
  granularityOption,
  jsonOption,
  parsePath,
} from './help.js';
import { withProgress } from './progress.js';
import { adapterResult, withContext } from './session.js';
import { bytes, list, time } from './table.js';
import { collectNotes, type JsonOption, printResult } from './terminal.js';

interface QuantizeCommandOptions extends JsonOption {
  readonly output: string;
  readonly format: FormatName;
  readonly granularity: GranularityName;
  readonly dialect?: DialectName;
  readonly pow2?: true;
  readonly dtype?: Dtype;
  readonly adapter: string;
}

export function registerQuantize(program: Command): void {
  program
    .command('quantize')
    .summary('quantise a matrix to codes and scales')
    .description('Quantises a matrix. Writes DIR/codes.npy, DIR/scales.npy and DIR/quantized.json.')
    .argument('<X.npy>', 'the matrix: f4, f2, f8, or u2 with --dtype bf16', parsePath)
    .requiredOption('-o, --output <DIR>', 'the folder to write; made if it is not there')
    .addOption(formatOption('--format <format>', 'element format').default(defaultFormat))
    .addOption(granularityOption('--granularity <granularity>', 'what shares a scale').default('1x128'))
    .addOption(
      choiceOption(
        '--dialect <dialect>',
        'whose arithmetic, bit for bit; by itself deepgemm, or mx for 1x32',
        dialectNames,
      ),
    )
    .option('--pow2', 'round scales up to powers of two (always so for 1x32)')
    .addOption(choiceOption('--dtype <dtype>', 'what X.npy holds; needed for bf16 only', dtypes))
    .addOption(adapterOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile quantize x.npy -o x8', 'activations: e4m3, one scale for each 1x128 tile'],
        ['octile quantize w.npy -o w8 --granularity 128x128 --dtype bf16', 'bf16 weights, one scale a block'],
        ['octile quantize x.npy -o mx --format e2m1 --granularity 1x32', 'OCP MXFP4'],
      ]),
    )
    .action(quantizeFile);
}

async function quantizeFile(input: string, options: QuantizeCommandOptions): Promise<void> {
  const { notes, note } = collectNotes();
  const { format, granularity } = options;
  const { dialect, powerOfTwo } = chooseQuantization({
    format,
    granularity,
    ...(options.dialect ? { dialect: options.dialect } : {}),
    ...(options.pow2 ? { powerOfTwo: true } : {}),
  }).scaling;
  const reading = { dtype: options.dtype, argument: '--dtype', note };
  const { rows, cols, dtype } = await filesOf('<X.npy>', () => readMatrixShape(input, reading));
  const paths = folderPaths(options.output);
  await filesOf('--output', () => requireOutputFolder(options.output, Object.values(paths), [input]));

  const result = await withContext(options, async (context) => {
    // Before it is read: a file may be larger than the adapter takes, and than this machine's memory.
    context.gpu.requireFits(input, GpuMatrix.byteLength(rows, cols, dtype));
    const source = await filesOf('<X.npy>', () => readMatrix(input, reading));
    const start = performance.now();
    const quantized = await withProgress(
      'quantising',
      undefined,
      async () =>
        (await context.quantize(source, { format, granularity, dialect: dialect.name, powerOfTwo })).read(),
      options,
    );
    const milliseconds = performance.now() - start;
    const made = { dialect: dialect.name, pow2: powerOfTwo };
    noteScales(quantized, note);
    await filesOf('--output', async () => {
      await makeFolder(options.output);
      await writeFiles(folderFiles(options.output, quantized, made));
    });
    return {
      command: 'quantize',
      input: { path: input, dtype, bytes: source.data.byteLength },
      output: { path: options.output, files: Object.values(paths) },
      rows,
      cols,
      format,
      granularity,
      ...made,
      codes: { bytes: quantized.codes.byteLength },
      scales: { rows: quantized.scaleRows, cols: quantized.scaleCols, bytes: quantized.scales.byteLength },
      adapter: adapterResult(context),
      milliseconds,
      notes,
    };
  });

  printResult(options, result, () => {
    const { codes, scales, milliseconds } = result;
    const pow2 = powerOfTwo ? ', power-of-two scales' : '';
    return list([
      ['input', `${input}: ${rows} x ${cols} ${dtype}, ${bytes(result.input.bytes)}`],
      ['codes', `${paths.codes}: ${rows} x ${cols} ${format}, ${bytes(codes.bytes)}`],
      [
        'scales',
        `${paths.scales}: ${scales.rows} x ${scales.cols} for ${granularity}, ${bytes(scales.bytes)}`,
      ],
      ['dialect', `${dialect.name}${pow2}`],
      ['time', `${time(milliseconds)}, compilation and transfers included`],
    ]);
  });
}
