/** @file npm run bench:peers in Node: octile and other libraries side by side on one device. */

import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { adapterOption, choiceOption, examples } from '../../src/cli/help.js';
import { Interruption } from '../../src/cli/interrupt.js';
import { fail } from '../../src/cli/run.js';
import { adapterResult, withContext } from '../../src/cli/session.js';
import { printAside, printResult } from '../../src/cli/terminal.js';
import type { Context } from '../../src/context.js';
import { UnsupportedError } from '../../src/errors.js';
import { kernels } from '../../src/gemm/registry.js';
import { flagsOf } from '../../src/gpu/dawn.js';
import { makeFolder, requireOutputFolder, writeFiles } from '../../src/io/files.js';
import { version } from '../../src/library.js';
import { parseProduct, productName, productsOf, suiteNames, suitesFor } from './cases.js';
import { libraryNames, openPeers } from './index.js';
import { octilePeers } from './octile.js';
import type { Product } from './peer.js';
import type { PeerRecord } from './record.js';
import { filesOf, type PeersRun } from './report.js';
import { runPeers } from './run.js';
import { lineOf, runText } from './text.js';

interface PeersCommandOptions {
  readonly suite?: readonly string[];
  readonly shape?: readonly string[];
  readonly library?: readonly string[];
  readonly kernel: readonly string[];
  readonly adapter: string;
  readonly output: string;
  readonly json?: true;
}

/** Left out on a software adapter unless named: its shaders take a CPU minutes to compile. */
const slowToCompile = ['onnxruntime'];

const command = new Command('npm run bench:peers --')
  .description(
    'Multiplies the same matrices by octile and by other libraries, on the same device and in turn, each result ' +
      'checked before it is timed, and writes a table, charts and how time grows with size.',
  )
  .addOption(
    choiceOption('--suite <suite...>', 'which products (default: all on a GPU, small on a CPU)', suiteNames),
  )
  .option('--shape <MxNxK...>', 'products of your own, beside those of --suite or in place of the default')
  .addOption(
    choiceOption('--library <library...>', 'which libraries beside octile (default: all)', libraryNames),
  )
  .addOption(
    choiceOption('--kernel <kernel...>', "octile's kernels; the first is what others are compared with", [
      'auto',
      ...kernels.map(({ name }) => name),
    ]).default(['auto']),
  )
  .addOption(adapterOption())
  .option('-o, --output <DIR>', 'the folder to write', 'octile-peers')
  .option('--json', 'print the results as JSON')
  .addHelpText(
    'after',
    examples([
      ['npm run bench:peers', 'everything'],
      ['npm run bench:peers -- --suite squares', 'squares from 256 to 8192'],
      ['npm run bench:peers -- --shape 4096x7168x2048 --library jax', 'one product, beside one library'],
      ['npm run bench:peers -- --suite small', 'whether it works'],
    ]),
  )
  .action(bench);

async function bench(options: PeersCommandOptions): Promise<void> {
  const { output } = options;
  await requireOutputFolder(output, [join(output, 'results.json')], []);
  const shapes = options.shape?.map((text) => parseProduct(text, '--shape'));
  const interruption = new Interruption('stopping after the sample under way; once more ends at once');
  const { run, error } = await withContext(options, (context) =>
    measure(context, options, shapes, interruption.signal),
  );
  const { json = false } = options;
  // Printed first: a disk that is full must not cost the run.
  printResult({ json }, { command: 'bench:peers', ...run }, () => runText(run));
  await makeFolder(output);
  const files = [...filesOf(run)];
  const encoder = new TextEncoder();
  await writeFiles(
    files.map(([name, content]) => ({ path: join(output, name), parts: [encoder.encode(content)] })),
  );
  printAside(`wrote ${files.map(([name]) => join(output, name)).join(', ')}`);
  if (error) throw error.error;
  if (run.records.some(({ status }) => status === 'failed')) process.exitCode = 1;
  else if (run.interrupted) process.exitCode = interruption.status;
  else if (!run.records.some(({ status }) => status === 'measured'))
    throw new UnsupportedError('nothing was measured: the table says why');
}

async function measure(
  context: Context,
  options: PeersCommandOptions,
  shapes: readonly Product[] | undefined,
  signal: AbortSignal,
): Promise<{ readonly run: PeersRun; readonly error?: { readonly error: unknown } }> {
  const { gpu, adapter } = context;
  const suites = options.suite ?? (shapes ? [] : suitesFor(adapter.kind));
  const slow = adapter.kind === 'software' && options.library === undefined ? slowToCompile : [];
  if (slow.length > 0)
    printAside(
      `note: without ${slow.join(', ')}, whose shaders take a CPU minutes: --library ${slow[0]} has it`,
    );
  const libraries = (options.library ?? libraryNames).filter((name) => !slow.includes(name));
  const { peers, absent } = await openPeers(gpu, libraries);
  for (const { library, reason } of absent) printAside(`note: ${library} is left out: ${reason}`);
  const products = productsOf(suites, shapes);
  const records: PeerRecord[] = [];
  let done = 0;
  // What has been measured is worth keeping, whatever ends the run.
  const error = await runPeers(gpu, [...octilePeers(options.kernel), ...peers], products, {
    signal,
    onProduct(made) {
      done++;
      records.push(...made);
      printAside(`${done} of ${products.length}: ${lineOf(made)}`);
    },
  }).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const run: PeersRun = {
    date: new Date().toISOString(),
    version,
    adapter: adapterResult(context),
    features: [...adapter.features].sort(),
    flags: flagsOf(adapter.source),
    runtime: `Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    products: products.map(productName),
    interrupted: signal.aborted || error !== undefined,
    absent,
    records,
  };
  return error ? { run, error } : { run };
}

try {
  await command.exitOverride().parseAsync(process.argv);
} catch (error) {
  process.exitCode = fail(error);
}
