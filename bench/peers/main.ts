/** @file npm run bench:peers in Node: octile and other libraries side by side on one device. */

import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { adapterOption, choiceOption, examples } from '../../src/cli/help.js';
import { interruptedStatus } from '../../src/cli/interrupt.js';
import { fail } from '../../src/cli/run.js';
import { adapterResult, withContext } from '../../src/cli/session.js';
import { table } from '../../src/cli/table.js';
import { colors, printAside, printResult } from '../../src/cli/terminal.js';
import type { Context } from '../../src/context.js';
import { kernels } from '../../src/gemm/registry.js';
import { dawnFlags } from '../../src/gpu/dawn.js';
import { makeFolder, requireOutputFolder, writeFiles } from '../../src/io/files.js';
import { version } from '../../src/library.js';
import { rateUnit } from '../../src/report/rate.js';
import { parseProduct, productName, productsOf, suiteNames, suitesFor } from './cases.js';
import { growths, peerName, standings } from './compare.js';
import { libraryNames, openPeers } from './index.js';
import { octilePeers } from './octile.js';
import type { Product } from './peer.js';
import { isMeasured, type PeerRecord } from './record.js';
import { filesOf, method, type PeersRun } from './report.js';
import { runPeers } from './run.js';

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
  const shapes = options.shape?.map(parseProduct);
  const stop = new AbortController();
  const interrupt = () => {
    printAside('stopping; Ctrl-C again ends at once');
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  const run = await withContext(options, (context) => measure(context, options, shapes, stop.signal)).finally(
    () => process.off('SIGINT', interrupt),
  );
  const { json = false } = options;
  // Printed first: a disk that is full must not cost the run.
  printResult({ json }, { command: 'bench:peers', ...run }, () => text(run));
  await makeFolder(output);
  const files = [...filesOf(run)];
  const encoder = new TextEncoder();
  await writeFiles(
    files.map(([name, content]) => ({ path: join(output, name), parts: [encoder.encode(content)] })),
  );
  printAside(`wrote ${files.map(([name]) => join(output, name)).join(', ')}`);
  if (run.records.some(({ status }) => status === 'failed')) process.exitCode = 1;
  else if (run.interrupted) process.exitCode = interruptedStatus;
}

async function measure(
  context: Context,
  options: PeersCommandOptions,
  shapes: readonly Product[] | undefined,
  signal: AbortSignal,
): Promise<PeersRun> {
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
  let done = 0;
  const records = await runPeers(gpu, [...octilePeers(options.kernel), ...peers], products, {
    signal,
    onProduct(made) {
      done++;
      printAside(`${done} of ${products.length}: ${lineOf(made)}`);
    },
  });
  return {
    date: new Date().toISOString(),
    version,
    adapter: adapterResult(context),
    features: [...adapter.features].sort(),
    flags: adapter.source === 'browser' ? [] : dawnFlags,
    runtime: `Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    suites,
    interrupted: signal.aborted,
    absent,
    records,
  };
}

function lineOf(records: readonly PeerRecord[]): string {
  const [first] = records;
  const measured = records.filter(isMeasured);
  const { unit, rate } = rateUnit(measured.map(({ tflops }) => tflops));
  const figures = measured.map((record) => `${peerName(record)} ${rate(record.tflops).toPrecision(3)}`);
  return `${first ? productName(first.product) : ''} ${unit}: ${figures.join(', ') || 'nothing measured'}`;
}

function text({ records, absent, adapter, flags }: PeersRun): string {
  const { bold, dim, green, red, yellow } = colors();
  const { unit, rate } = rateUnit(records.map((record) => (isMeasured(record) ? record.tflops : null)));
  const head = ['product', 'peer', 'precision', unit, 'median µs', 'time / octile', 'error'];
  const rows = standings(records).flatMap(({ product, standings }) =>
    standings.map(({ record, ratio }, i) => {
      const name = i === 0 ? bold(productName(product)) : '';
      if (!isMeasured(record)) {
        const paint = record.status === 'failed' ? red : yellow;
        return [name, peerName(record), record.precision, paint(record.status)];
      }
      const chosen = record.kernel === null || record.kernel === record.name ? '' : ` (${record.kernel})`;
      const paint = ratio !== null && ratio < 1 ? red : green;
      return [
        name,
        peerName(record) + chosen,
        record.precision,
        figure(rate(record.tflops)),
        figure(record.median, 4),
        ratio === null ? '' : i === 0 ? '1' : paint(ratio.toPrecision(3)),
        record.error === null ? 'exact' : record.error.toExponential(1),
      ];
    }),
  );
  const laws = growths(records).flatMap(({ name, series }) =>
    series.map(({ name: peer, fit }) => [
      name === 'squares' ? 'N³' : 'M',
      peer,
      figure(fit.overhead),
      fit.perUnit.toExponential(2),
      `${(100 * fit.relativeError).toFixed(1)} %`,
      fit.lastExponent.toFixed(2),
    ]),
  );
  const timed = [...new Map(records.map((record) => [peerName(record), record.timed])).entries()];
  return [
    table(head, rows, ['left', 'left', 'left', 'right', 'right', 'right', 'right']),
    ...reasonsOf(records),
    ...(absent.length > 0 ? [absent.map(({ library, reason }) => `${library}: ${reason}`).join('\n')] : []),
    ...(laws.length > 0
      ? [
          `${bold('time = t0 + c · size')}\n${table(
            ['size', 'peer', 't0 µs', 'c µs', 'off by', 'last exponent'],
            laws,
            ['left', 'left', 'right', 'right', 'right', 'right'],
          )}`,
        ]
      : []),
    dim(`${adapter.name}${flags.length > 0 ? `, ${flags.join(' ')}` : ''}. ${method}`),
    dim(timed.map(([peer, what]) => `${peer}: ${what}`).join('\n')),
  ].join('\n\n');
}

/** Why there are no figures, each reason once. */
function reasonsOf(records: readonly PeerRecord[]): string[] {
  const products = new Map<string, string[]>();
  for (const record of records) {
    if (isMeasured(record)) continue;
    const key = `${peerName(record)} ${record.status}: ${record.reason}`;
    products.set(key, [...(products.get(key) ?? []), productName(record.product)]);
  }
  const lines = [...products].map(([key, names]) => `${key} (${names.join(', ')})`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function figure(value: number, digits = 3): string {
  return value.toLocaleString('en', { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
}

try {
  await command.exitOverride().parseAsync(process.argv);
} catch (error) {
  process.exitCode = fail(error);
}
