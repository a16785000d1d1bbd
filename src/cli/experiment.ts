/** @file octile experiment: a study, run and written to a folder. */

import { type Command, InvalidArgumentError } from 'commander';
import { largestSeed } from '../experiment/data.js';
import type { Size } from '../experiment/study.js';
import { version } from '../library.js';
import { filesOf } from './argument.js';
import { adapterOption, choiceOption, examples, jsonOption } from './help.js';
import { findModel } from './model.js';
import { withProgress } from './progress.js';
import { adapterResult, withContext } from './session.js';
import { list, table } from './table.js';
import { type JsonOption, printAside, printResult } from './terminal.js';

interface ExperimentOptions extends JsonOption {
  readonly list?: true;
  readonly output?: string;
  readonly seed: number;
  readonly size?: Size;
  readonly model?: string;
  readonly adapter: string;
}

export function registerExperiment(program: Command): void {
  program
    .command('experiment')
    .summary('run a documented study and write it to a folder')
    .description(
      'Runs a study and writes its figures (results.json, results.csv), a chart (chart.svg) and a page of text ' +
        '(README.md) with question, setting, seed, adapter, figures and what they say.',
    )
    .argument('[name]', "the study's name")
    .option('--list', 'list the studies')
    .option('-o, --output <DIR>', 'the folder to write (default: octile- and the name)')
    .option('--seed <number>', 'seed of the synthetic data', parseSeed, 1)
    .addOption(
      choiceOption(
        '--size <size>',
        'small: under a minute on a CPU (default: full on a GPU, small on a CPU)',
        ['small', 'full'],
      ),
    )
    .option('--model <DIR>', 'the sentence encoder whose layers are studied (default: as octile report)')
    .addOption(adapterOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile experiment --list', 'what there is to run'],
        ['octile experiment accumulation -o study', 'error of the accumulator against K'],
        ['octile experiment accumulation --adapter software --seed 7', 'the small size, on other data'],
      ]),
    )
    .action(experiment);
}

async function experiment(name: string | undefined, options: ExperimentOptions): Promise<void> {
  // Loaded late: charts are a large library, and few commands draw.
  const { studies, studyByName } = await import('../experiment/studies.js');
  if (options.list) {
    const listed = studies.map((study) => ({ name: study.name, summary: study.summary }));
    printResult(options, { command: 'experiment', studies: listed }, () =>
      list(listed.map((study) => [study.name, study.summary])),
    );
    return;
  }
  const { prepareFolder, resultsDocument, writeFolder } = await import('../experiment/folder.js');
  const study = studyByName(name);
  const output = options.output ?? `octile-${study.name}`;
  const { seed, json } = options;
  const encoder = study.usesEncoder ? await findModel(options.model) : { absent: 'not part of this study' };
  await filesOf('--output', () => prepareFolder(output));
  if (study.usesEncoder && 'absent' in encoder)
    printAside(`note: the encoder's layers are left out: ${encoder.absent}`);

  const { run, findings } = await withContext(options, async (context) => {
    const size = options.size ?? (context.adapter.kind === 'hardware' ? 'full' : 'small');
    const start = performance.now();
    const laboratory = { context, seed, encoder: 'absent' in encoder ? encoder : encoder.encoder };
    const findings = await withProgress(study.name, undefined, () => study.run(laboratory, size), { json });
    const run = {
      version,
      created: new Date().toISOString(),
      seed,
      size,
      adapter: adapterResult(context),
      milliseconds: performance.now() - start,
    };
    return { run, findings };
  });
  // Printed first: a disk that is full must not cost the run.
  printResult(options, { command: 'experiment', output, ...resultsDocument(study, run, findings) }, () =>
    [
      ...findings.tables.map(
        ({ caption, head, rows }) =>
          `${caption}\n${table(
            head,
            rows,
            head.map((_, i) => (i === 0 ? 'left' : 'right')),
          )}`,
      ),
      ...findings.conclusions,
    ].join('\n\n'),
  );
  await filesOf('--output', () => writeFolder(output, study, run, findings));
  printAside(`wrote ${output}`);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > largestSeed)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${largestSeed}.`);
  return seed;
}
