/** @file octile tune: finds the fastest kernels and tile sizes for this adapter, and keeps them. */

import process from 'node:process';
import type { Command } from 'commander';
import { Option } from 'commander';
import { readKept, tuneAndKeep } from '../../bench/keep-winner.js';
import { type GemmCase, suite, suiteNames } from '../../bench/suites.js';
import type { TunedCase } from '../../bench/tune.js';
import { ArgumentError } from '../errors.js';
import { kernels } from '../gemm/registry.js';
import { type Dtype, dtypes } from '../matrix.js';
import { rateUnit } from '../report/rate.js';
import { fileStore, tuningPath } from '../tune/file-store.js';
import { emptyTuning, type TunedProduct, type Tuning, tilingText } from '../tune/tuning.js';
import { adapterOption, choiceOption, examples, jsonOption } from './help.js';
import { Interruption } from './interrupt.js';
import { withProgress } from './progress.js';
import { adapterResult, withContext } from './session.js';
import {
  casesOfShapes,
  refuseShapeOptions,
  type Shape,
  type ShapeOptions,
  shapeOptions,
  shapesArgument,
} from './shapes.js';
import { table } from './table.js';
import { printAside, printResult } from './terminal.js';

interface TuneCommandOptions extends ShapeOptions {
  readonly suite?: string;
  readonly kernel?: readonly string[];
  readonly out: Dtype;
  readonly adapter: string;
  readonly show?: true;
  readonly forget?: true;
  readonly json?: true;
}

const outOption = choiceOption('--out <dtype>', "the products' type", dtypes).default('f32');

export function registerTune(program: Command): void {
  const command = program
    .command('tune')
    .summary('find the fastest kernels and tile sizes for this adapter')
    .description(
      'Tries every tile size of the kernels that can compute the shapes (but for those that round to halves, unless ' +
        '--kernel names them; and matrix where both sides are 1x32), checks each against the exact product, and keeps the fastest: from then on they are what `auto` takes on this adapter for these shapes and those near them (up to ' +
        'twice or half in each dimension). Ctrl-C ends it and keeps what is done.',
    )
    .addArgument(shapesArgument())
    .addOption(choiceOption('--suite <suite>', "a suite's products instead of shapes", suiteNames))
    .addOption(
      new Option('--kernel <kernel...>', 'these kernels alone; after the shapes').choices(
        kernels.map(({ name }) => name),
      ),
    )
    .addOption(outOption)
    .addOption(adapterOption())
    .option('--show', 'print what is kept for this adapter')
    .option('--forget', 'remove what is kept for this adapter')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile tune 4096x7168x2048 128x7168x4096', 'two shapes'],
        ['octile tune --suite deepseek', 'the shapes of DeepSeek-V3'],
        ['octile tune 4096x4096x4096 --kernel matrix', 'a kernel that rounds values to halves'],
        ['octile tune --show', 'what has been found'],
      ]),
    )
    .action(tune);
  for (const option of shapeOptions()) command.addOption(option);
}

async function tune(shapes: readonly Shape[], options: TuneCommandOptions, command: Command): Promise<void> {
  const { show, forget, json } = options;
  if (shapes.length === 0) refuseShapeOptions(command, [...shapeOptions(), outOption]);
  const cases = casesOf(shapes, options);
  if (show && forget) throw new ArgumentError('--forget', true, 'only without --show');
  if ((show || forget) && cases.length > 0)
    throw new ArgumentError(show ? '--show' : '--forget', true, 'only without shapes and without --suite');
  if (!show && !forget && cases.length === 0)
    throw new ArgumentError('shapes', 'none', 'at least one, as 4096x7168x2048, or --suite');

  const interruption = new Interruption('stopping; Ctrl-C again ends at once');
  try {
    await withContext(options, async (context) => {
      const adapter = adapterResult(context);
      const before = forget ? await readKept(fileStore, adapter.name, () => {}) : undefined;
      if (forget) await fileStore.remove(adapter.name);
      const path = tuningPath(adapter.name);
      const found: TunedCase[] = [];
      const kept = await readKept(fileStore, adapter.name, (reason) =>
        printAside(`what is kept for this adapter cannot be read and counts as nothing: ${reason}`),
      );
      let tuning = kept ?? emptyTuning(adapter.name);
      let shown = 0;
      let failure: { readonly error: unknown } | undefined;
      for (const one of cases) {
        if (interruption.came) break;
        const { m, n, k } = one;
        const done = await withProgress(
          `tuning ${m}x${n}x${k}`,
          1000,
          (tick) =>
            tuneAndKeep(context.gpu, one, tuning, fileStore, {
              kernels: options.kernel,
              signal: interruption.signal,
              onTrial: (_, done, total) => {
                const reached = Math.floor((1000 * done) / total);
                tick(reached - shown);
                shown = reached;
              },
            }),
          { json },
        ).catch((error: unknown) => {
          // What has been found is kept by now, and worth a report, whatever ends the run.
          if (!interruption.came || error !== interruption.signal.reason) failure = { error };
          return undefined;
        });
        shown = 0;
        if (!done) break;
        found.push(done.tuned);
        tuning = done.tuning;
        const { faster } = done;
        if (faster) printAside(`${shapeText(faster)}: ${faster.kernel}, found before, is faster and is kept`);
      }
      if (failure && found.length === 0) throw failure.error;
      const interrupted = interruption.came || failure !== undefined;
      printResult(options, { command: 'tune', adapter, path, interrupted, tuned: found, tuning }, () =>
        found.length > 0
          ? foundText(found, path)
          : forget
            ? forgottenText(before, path)
            : keptText(tuning, path),
      );
      if (failure) throw failure.error;
      if (interrupted) process.exitCode = interruption.status;
    });
  } finally {
    interruption.over();
  }
}

function casesOf(shapes: readonly Shape[], options: TuneCommandOptions): GemmCase[] {
  if (options.suite === undefined) return casesOfShapes(shapes, options);
  if (shapes.length > 0) throw new ArgumentError('--suite', options.suite, 'only without shapes');
  return suite(options.suite, {}).filter((one): one is GemmCase => one.kind === 'gemm');
}

function foundText(found: readonly TunedCase[], path: string): string {
  const { unit, rate } = rateUnit(found.map(({ winner }) => tflops(winner)));
  const rows = found.map(({ winner, trials }) => [
    shapeText(winner),
    winner.kernel,
    tilingText(winner.tiling),
    rate(tflops(winner)).toPrecision(4),
    winner.microseconds.toPrecision(4),
    timesUntuned(winner),
    trials.length,
    trials.filter(({ reason }) => reason !== undefined).length,
  ]);
  const head = ['product', 'kernel', 'tiling', unit, 'µs', 'times untuned', 'tried', 'out'];
  return `${table(head, rows, [...words(3), ...figures(5)])}\n\nkept in ${path}`;
}

function forgottenText(before: Tuning | undefined, path: string): string {
  const count = before?.products.length ?? 0;
  return count === 0
    ? `nothing was kept for this adapter (${path})`
    : `forgot ${count === 1 ? '1 product' : `${count} products`} (${path})`;
}

/** How many times as fast as untuned; empty where that is not known. */
function timesUntuned({ microseconds, untunedMicroseconds }: TunedProduct): string {
  return untunedMicroseconds === undefined ? '' : (untunedMicroseconds / microseconds).toFixed(2);
}

function keptText({ products }: Tuning, path: string): string {
  if (products.length === 0) return `nothing is kept for this adapter (${path})`;
  const rows = products.map((product) => [
    shapeText(product),
    `${product.aFormat} ${product.aGranularity} by ${product.bFormat} ${product.bGranularity} to ${product.out}`,
    product.kernel,
    tilingText(product.tiling),
    product.microseconds.toPrecision(4),
    timesUntuned(product),
  ]);
  const head = ['product', 'how', 'kernel', 'tiling', 'µs', 'times untuned'];
  return `${table(head, rows, [...words(4), ...figures(2)])}\n\nkept in ${path}`;
}

/** How columns of words and of numbers lie. */
const words = (count: number) => Array.from({ length: count }, () => 'left' as const);
const figures = (count: number) => Array.from({ length: count }, () => 'right' as const);

function shapeText({ m, n, k }: TunedProduct): string {
  return `${m}x${n}x${k}`;
}

/** 10^12 operations a second. */
function tflops({ m, n, k, microseconds }: TunedProduct): number {
  return (2 * m * n * k) / microseconds / 1e6;
}
