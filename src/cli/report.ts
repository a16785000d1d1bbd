/** @file octile report: everything at once, on the terminal and as a page. */

import { cpus } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { runBench } from '../../bench/run.js';
import { suite } from '../../bench/suites.js';
import type { Context } from '../context.js';
import { requireOutputFile, writeFiles } from '../io/files.js';
import { version } from '../library.js';
import { spreadTokens } from '../model/encoder.js';
import type { BenchmarkData, EncoderData, HostData, Report } from '../report/data.js';
import { encoderSteps, measureEncoder } from '../report/measure-encoder.js';
import { type CheckReport, countSteps, runChecks } from '../verify/verify.js';
import { filesOf } from './argument.js';
import { adapterOption, examples, jsonOption, parsePath } from './help.js';
import { endingOnInterrupt } from './interrupt.js';
import { type FoundModel, findModel, modelPackage } from './model.js';
import { withProgress } from './progress.js';
import { withContext } from './session.js';
import { type JsonOption, printAside, printResult } from './terminal.js';

interface ReportOptions extends JsonOption {
  readonly output: string;
  readonly model?: string;
  readonly rows?: number;
  readonly open?: true;
  readonly adapter: string;
}

const benchSuite = 'smoke';

/** One token has nothing to be compared with. */
const leastRows = 2;

/** Tokens that run through the encoder: on a GPU time is no matter, on a CPU it is. */
const defaultRows = { hardware: 1024, software: 256 };

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('verify, run real layers, measure, and write a page about it')
    .description(
      'Verifies the kernels on this adapter, runs the layers of a sentence encoder in FP8 beside f64, measures a few ' +
        'products, prints tables and writes them with charts to one page that needs no network.',
    )
    .option('-o, --output <report.html>', 'the page to write', 'octile-report.html')
    .option(
      '--model <DIR>',
      `the encoder's model.json and shards (default: the npm package ${modelPackage})`,
      parsePath,
    )
    .option(
      '--rows <count>',
      'tokens to run through the encoder (default: 256 on a CPU, 1024 on a GPU)',
      parseRows,
    )
    .option('--open', 'open the page, if there is a terminal and a display')
    .addOption(adapterOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile report --open', 'writes octile-report.html and opens it'],
        ['octile report --adapter software -o cpu.html', 'the same on the software adapter'],
        ['octile report --json > report.json', 'all figures as JSON, and the page'],
      ]),
    )
    .action(report);
}

function parseRows(text: string): number {
  const rows = Number(text);
  if (!Number.isSafeInteger(rows) || rows < leastRows)
    throw new InvalidArgumentError(`Allowed: a whole number of at least ${leastRows}.`);
  return rows;
}

async function report(options: ReportOptions): Promise<void> {
  const start = performance.now();
  const { output, json } = options;
  await filesOf('--output', () => requireOutputFile(output, []));
  const model = await findModel(options.model);
  if ('absent' in model) printAside(`note: the encoder's layers are left out: ${model.absent}`);
  // Too many rows are refused now, not after the verification.
  else if (options.rows !== undefined) spreadTokens(model.encoder, options.rows, '--rows', leastRows);

  const work = async (context: Context): Promise<Report> => {
    const { name, kind, source, reason } = context.adapter;
    const begun = performance.now();
    const verification = await verify(context, json);
    const verified = performance.now();
    const encoder = 'absent' in model ? model : await runEncoder(context, model, options);
    const encoded = performance.now();
    const benchmark = await benchmarkSmoke(context, json);
    const measured = performance.now();
    return {
      version,
      created: new Date().toISOString(),
      adapter: { name, kind, source, reason },
      host: describeHost(),
      verification,
      encoder,
      benchmark,
      milliseconds: {
        verification: verified - begun,
        encoder: encoded - verified,
        benchmark: measured - encoded,
        total: measured - start,
      },
    };
  };
  const result = await endingOnInterrupt(() => withContext(options, work));

  // Loaded late: charts are a large library, and only this command draws.
  const { sections } = await import('../report/sections.js');
  const { renderPage } = await import('../report/html.js');
  const { renderTerminal } = await import('../report/terminal.js');
  const parts = sections(result);
  const page = renderPage(
    {
      title: 'octile report',
      subtitle: `FP8 block-scaled matrix multiplication on ${result.adapter.name}, ${result.created.slice(0, 10)}`,
    },
    parts,
  );
  await filesOf('--output', () => writeFiles([{ path: output, parts: [new TextEncoder().encode(page)] }]));
  const path = resolve(output);
  printResult(options, { command: 'report', output: path, ...result }, () => renderTerminal(parts));
  const opened = options.open === true && (await openPage(path));
  printAside(opened ? `opened ${path}` : `wrote ${path}`);

  const failed = [...result.verification, ...result.benchmark.records].some(
    ({ status }) => status === 'failed',
  );
  if (failed) process.exitCode = 1;
}

function verify({ gpu }: Context, json: boolean | undefined): Promise<CheckReport[]> {
  return withProgress('verifying', countSteps(gpu), (tick) => runChecks(gpu, { onStep: () => tick() }), {
    json,
  });
}

function runEncoder(
  context: Context,
  { encoder, folder }: FoundModel,
  { rows, json }: ReportOptions,
): Promise<EncoderData> {
  const count = rows ?? (context.adapter.kind === 'hardware' ? defaultRows.hardware : defaultRows.software);
  return withProgress(
    'sentence encoder',
    encoderSteps(encoder),
    (tick) => measureEncoder(context, encoder, folder, count, () => tick()),
    { json },
  );
}

async function benchmarkSmoke({ gpu }: Context, json: boolean | undefined): Promise<BenchmarkData> {
  const cases = suite(benchSuite);
  const records = await withProgress(
    'benchmark',
    cases.length,
    (tick) => runBench(gpu, cases, { kernel: 'auto', onCase: () => tick() }),
    { json },
  );
  return { suite: benchSuite, records };
}

function describeHost(): HostData {
  const processors = cpus();
  return {
    platform: `${process.platform} ${process.arch}`,
    runtime: `Node.js ${process.versions.node}`,
    processor: processors[0]?.model.trim() ?? 'unknown processor',
    cores: processors.length,
  };
}

/** Opens the page where somebody is there to see it. Returns whether it was opened. */
async function openPage(path: string): Promise<boolean> {
  const { CI, DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME } = process.env;
  const display = process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY || WSL_DISTRO_NAME;
  if (!process.stdout.isTTY || CI || !display) return false;
  const { default: open } = await import('open');
  try {
    await open(path);
    return true;
  } catch {
    return false;
  }
}
