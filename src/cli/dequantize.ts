/** @file octile dequantize: codes and scales back to values. */

import type { Command } from 'commander';
import type { FormatName } from '../format/formats.js';
import { requireOutputFile, writeFiles } from '../io/files.js';
import { matrixFile } from '../io/matrix-file.js';
import { folderPaths, readFolder } from '../io/quantized-folder.js';
import { type Dtype, dtypes } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import { filesOf } from './argument.js';
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

interface DequantizeCommandOptions extends JsonOption {
  readonly output: string;
  readonly dtype: Dtype;
  readonly format?: FormatName;
  readonly granularity?: GranularityName;
  readonly adapter: string;
}

export function registerDequantize(program: Command): void {
  program
    .command('dequantize')
    .summary('turn codes and scales back into a matrix')
    .description('Writes the matrix that codes and scales stand for: code times scale.')
    .argument('<DIR>', 'a folder with codes.npy and scales.npy, as octile quantize writes it', parsePath)
    .requiredOption('-o, --output <X.npy>', 'the file to write')
    .addOption(choiceOption('--dtype <dtype>', 'what to write; bf16 as u2', dtypes).default('f32'))
    .addOption(
      formatOption('--format <format>', 'element format (default: as quantized.json says, else e4m3)'),
    )
    .addOption(
      granularityOption(
        '--granularity <granularity>',
        "what shares a scale (default: as quantized.json says, else by the scales' shape)",
      ),
    )
    .addOption(adapterOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile dequantize x8 -o x.npy', 'a folder of octile quantize'],
        ['octile dequantize x8 -o x.npy --dtype bf16', 'the bits of bf16, as u2'],
        ['octile dequantize w8 -o w.npy --format e5m2', 'a folder without quantized.json'],
      ]),
    )
    .action(dequantizeFolder);
}

async function dequantizeFolder(folder: string, options: DequantizeCommandOptions): Promise<void> {
  const { notes, note } = collectNotes();
  const { output, dtype } = options;
  const { matrix: source } = await filesOf('<DIR>', () =>
    readFolder(folder, {
      format: options.format,
      granularity: options.granularity,
      formatArgument: '--format',
      granularityArgument: '--granularity',
      note,
    }),
  );
  await filesOf('--output', () => requireOutputFile(output, Object.values(folderPaths(folder))));

  const result = await withContext(options, async (context) => {
    const start = performance.now();
    const values = await withProgress(
      'dequantising',
      undefined,
      async () => (await context.dequantize(source, dtype)).read(),
      options,
    );
    const milliseconds = performance.now() - start;
    await filesOf('--output', () => writeFiles([matrixFile(output, values)]));
    return {
      command: 'dequantize',
      input: { path: folder },
      output: { path: output, dtype, bytes: values.data.byteLength },
      rows: source.rows,
      cols: source.cols,
      format: source.format.name,
      granularity: source.granularity.name,
      adapter: adapterResult(context),
      milliseconds,
      notes,
    };
  });

  printResult(options, result, () => {
    const { rows, cols, format, granularity, milliseconds } = result;
    return list([
      ['input', `${folder}: ${rows} x ${cols} ${format}, ${granularity}`],
      ['output', `${output}: ${rows} x ${cols} ${dtype}, ${bytes(result.output.bytes)}`],
      ['time', `${time(milliseconds)}, compilation and transfers included`],
    ]);
  });
}
