/** @file octile bench: how fast this adapter computes, each result checked before it is timed. */

import process from 'node:process';
import type { Command } from 'commander';
import {
  type Baseline,
  benchSchema,
  compareRuns,
  ownShapes,
  type RunSetting,
  readBaseline,
  requireComparable,
} from '../../bench/baseline.js';
import { type Modelled, modelledTimes } from '../../bench/modelled.js';
import { parseSides } from '../../bench/parse-sides.js';
import type { BenchRecord } from '../../bench/record.js';
import { kernelChoices, runBench } from '../../bench/run.js';
import { caseKind, caseName, caseShape, suiteNames } from '../../bench/suites.js';
import type { Context } from '../context.js';
import { ArgumentError, UnsupportedError } from '../errors.js';
import { flagsOf } from '../gpu/dawn.js';
import { readText, requireOutputFile, writeFiles } from '../io/files.js';
import { dtypes } from '../matrix.js';
import { rateUnit } from '../report/rate.js';
import { filesOf } from './argument.js';
import { benchCases, type CaseOptions, ownCaseOptions } from './bench-cases.js';
import { comparisonResult, comparisonText } from './comparison.js';
import { adapterOption, choiceOption, examples, parsePath } from './help.js';
import { Interruption } from './interrupt.js';
import { type Tick, withProgress } from './progress.js';
import { adapterResult, withContext } from './session.js';
import { type Shape, shapesArgument } from './shapes.js';
import { fits, table } from './table.js';
import { colors, printResult } from './terminal.js';

interface BenchCommandOptions extends CaseOptions {
  readonly kernel: string;
  readonly adapter: string;
  readonly baseline?: string;
  /** true without a file. */
  readonly json?: true | string;
}

export function registerBench(program: Command): void {
  const command = program
    .command('bench')
    .summary('measure products, quantising and copying')
    .description(
      'Checks each result against the exact product, then measures it over fresh random data: warmed up by time, by the ' +
        "GPU's own clock where it has one. Ctrl-C ends it and keeps what is done.",
    )
    .addArgument(shapesArgument())
    .addOption(choiceOption('--suite <suite>', 'cases instead of shapes', suiteNames).default('smoke'))
    .option(
      '--only <text...>',
      'of a suite the cases that hold one of these texts, as 4096x7168x2048 or quantize',
    )
    .addOption(
      choiceOption(
        '--kernel <kernel>',
        'auto: the best for each case; all: every one; emulators by name only',
        kernelChoices,
      ).default('auto'),
    )
    .addOption(choiceOption('--out <dtype>', "the products' type (default: each case's own)", dtypes))
    .addOption(adapterOption())
    .option('--json [file]', 'write the records to a file, or print them; after the shapes')
    .option(
      '--baseline <FILE>',
      'compare with an earlier run, as --json FILE wrote it; exit status 1 if a case lost more than its noise',
      parsePath,
    )
    .addHelpText(
      'after',
      examples([
        ['octile bench', 'a few small cases'],
        ['octile bench --suite deepseek --json bench.json', 'the shapes of DeepSeek-V3'],
        ['octile bench --suite squares --kernel all --out bf16', 'every kernel, from 256 to 8192'],
        ['octile bench 128x7168x4096 --out bf16 --kernel matrix', 'one product'],
        ['octile bench 4096x7168x2048 --keep-b', 'one by weights whose halves are kept'],
        ['octile bench --suite backward --only 4096x7168x2048', 'one shape of a suite'],
        ['octile bench --suite deepseek --baseline bench.json', 'what has changed since'],
      ]),
    )
    .action(bench);
  for (const option of ownCaseOptions()) command.addOption(option);
}

async function bench(shapes: readonly Shape[], given: BenchCommandOptions, command: Command): Promise<void> {
  const options = shapes.length > 0 ? { ...given, suite: ownShapes } : given;
  const { json, kernel, only } = options;
  const file = typeof json === 'string' ? json : undefined;
  if (file !== undefined && parseSides(file, 3))
    throw new ArgumentError('--json', file, 'a file, after the shapes');
  if (file !== undefined)
    await filesOf('--json', () =>
      requireOutputFile(file, options.baseline === undefined ? [] : [options.baseline]),
    );
  const cases = benchCases(shapes, given, command);
  const names = cases.map(caseName);
  const whole = options.baseline === undefined ? undefined : await readRun(options.baseline);
  // Cases that --only leaves out are not missing.
  const baseline =
    whole && only ? { ...whole, records: whole.records.filter(({ name }) => names.includes(name)) } : whole;

  const interruption = new Interruption('stopping; Ctrl-C again ends at once');
  const records: BenchRecord[] = [];
  const { adapter, setting, error } = await withContext(options, async (context) => {
    const setting = settingOf(context, options);
    if (whole) await filesOf('--baseline', () => requireComparable(whole, setting, names));
    const work = (tick: Tick) =>
      runBench(context.gpu, cases, {
        kernel,
        signal: interruption.signal,
        onRecord: (record) => records.push(record),
        onCase: tick,
      });
    // What has been measured is worth keeping, whatever ends the run.
    const error = await withProgress(`bench ${options.suite}`, cases.length, work, { json }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    return { adapter: adapterResult(context), setting, error };
  }).finally(() => interruption.over());

  const interrupted = interruption.came || error !== undefined;
  const comparison =
    baseline &&
    compareRuns(baseline, setting, records, adapter.kind === 'software' ? 'software' : 'hardware');
  const modelled = modelledTimes(records);
  const result = {
    command: 'bench',
    schema: benchSchema,
    ...setting,
    ...(only ? { only } : {}),
    adapter,
    interrupted,
    records,
    ...(modelled.length > 0 ? { modelled } : {}),
    ...(comparison && baseline ? { comparison: comparisonResult(baseline, comparison) } : {}),
  };
  // Printed first: a disk that has filled up meanwhile must not take hours of measuring with it.
  if (records.length > 0 || error === undefined)
    printResult({ json: json === true }, result, () =>
      [
        benchText(records, cases.length, file),
        ...modelText(modelled),
        ...(comparison && baseline ? [comparisonText(baseline, comparison)] : []),
      ].join('\n\n'),
    );
  if (file !== undefined) {
    const text = `${JSON.stringify(result, undefined, 2)}\n`;
    await filesOf('--json', () => writeFiles([{ path: file, parts: [new TextEncoder().encode(text)] }]));
  }
  if (error) throw error.error;
  if (!interrupted) requireMeasured(records, kernel);
  const lost = comparison?.changes.some(({ verdict }) => verdict === 'lost');
  if (lost || records.some(({ status }) => status === 'failed')) process.exitCode = 1;
  else if (interrupted) process.exitCode = interruption.status;
}

function readRun(path: string): Promise<Baseline> {
  return filesOf('--baseline', async () => readBaseline(await readText(path), path));
}

/**
 * A script must not take a run that measured nothing for a good one.
 * @throws UnsupportedError if every case of the kernel asked for was skipped, or with `auto` and `all` every case
 */
function requireMeasured(records: readonly BenchRecord[], kernel: string): void {
  const named = kernel !== 'auto' && kernel !== 'all';
  const asked = named ? records.filter((record) => record.kernel === kernel) : records;
  const reasons = asked.flatMap((record) => (record.status === 'skipped' ? [record.reason] : []));
  if (reasons.length === 0 || reasons.length < asked.length) return;
  const what = named ? `nothing was measured with --kernel ${kernel}` : 'nothing was measured';
  throw new UnsupportedError(`${what}: ${[...new Set(reasons)].join('; ')}`);
}

function settingOf({ adapter }: Context, { suite, kernel, out }: BenchCommandOptions): RunSetting {
  return {
    suite,
    kernel,
    out: out ?? null,
    adapter: adapter.name,
    features: [...adapter.features].sort(),
    flags: flagsOf(adapter.source),
  };
}

/** The traffic model beside the measured times of casts. */
function modelText(modelled: readonly Modelled[]): string[] {
  if (modelled.length === 0) return [];
  const rows = modelled.map(({ name, bytes, modelled, measured }) => [
    name.replace(/ f32 to .*, /, ', '),
    figure(bytes / 1e6),
    figure(modelled, 4),
    figure(measured, 4),
    `${figure((100 * modelled) / measured)} %`,
  ]);
  const head = ['traffic by the model', 'MB', 'µs at the speed of copying', 'µs measured', 'share'];
  return [table(head, rows, ['left', 'right', 'right', 'right', 'right'])];
}

function benchText(records: readonly BenchRecord[], wanted: number, file: string | undefined): string {
  const { red, yellow, dim } = colors();
  const { unit, rate } = rateUnit(
    records.map((record) => (record.status === 'measured' ? record.tflops : null)),
  );
  const rows = records.map((record) => {
    const shape = caseShape(record.case);
    const how = caseKind(record.case);
    if (record.status !== 'measured') {
      const paint = record.status === 'failed' ? red : yellow;
      return [shape, how, record.kernel, paint(record.status)];
    }
    const { tflops, gbps, error, calcDiff, min, median, max, samples } = record;
    const quality = [error, calcDiff].map((value) => (value === null ? 'exact' : value.toExponential(1)));
    const times = [min, median, max].map((value) => figure(value, 4));
    return [
      shape,
      how,
      record.kernel,
      tflops === null ? '' : figure(rate(tflops)),
      figure(gbps),
      ...quality,
      ...times,
      samples,
    ];
  });
  const head = [
    'case',
    'how',
    'kernel',
    unit,
    'GB/s',
    'error',
    'calc_diff',
    'min',
    'median',
    'max µs',
    'samples',
  ];
  const align = head.map((_, i) => (i < 3 ? 'left' : 'right'));
  const whole = table(head, rows, align);
  const optional = ['min', 'max µs', 'samples'];
  const narrow = <T>(cells: readonly T[]) => cells.filter((_, i) => !optional.includes(head[i] ?? ''));
  const narrowHead = narrow(head).map((title) => (title === 'median' ? 'median µs' : title));
  const reasons = records.flatMap((record) =>
    record.status === 'measured'
      ? []
      : [`${record.name} (${record.kernel}) ${record.status}: ${record.reason}`],
  );
  const clocks = new Set(records.flatMap((record) => (record.status === 'measured' ? [record.timing] : [])));
  const missing = wanted - new Set(records.map(({ name }) => name)).size;
  return [
    fits(whole) ? whole : table(narrowHead, rows.map(narrow), narrow(align)),
    '',
    ...reasons,
    ...(clocks.has('timestamp') ? [dim("times by the GPU's clock, figures at the median")] : []),
    ...(clocks.has('wall') ? [dim('times by the host clock, figures at the median')] : []),
    ...(clocks.size > 0
      ? [dim('error: the largest over the RMS of the exact product, of the outputs checked')]
      : []),
    ...(missing > 0 ? [yellow(`${missing} of ${wanted} cases not run`)] : []),
    ...(file === undefined ? [] : [`records: ${file}`]),
  ].join('\n');
}

function figure(value: number, digits = 3): string {
  return value.toLocaleString('en', { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
}
