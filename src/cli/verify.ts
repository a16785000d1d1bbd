/** @file octile verify: whether this adapter computes what the oracles say. */

import process from 'node:process';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { ArgumentError } from '../errors.js';
import { kernelNames } from '../gemm/registry.js';
import { type CheckReport, countSteps, runChecks } from '../verify/verify.js';
import { adapterOption, choiceOption, examples, jsonOption, wholeOption } from './help.js';
import { endingOnInterrupt } from './interrupt.js';
import { withProgress } from './progress.js';
import { adapterResult, withContext } from './session.js';
import { table } from './table.js';
import { colors, type JsonOption, printResult } from './terminal.js';

interface VerifyCommandOptions extends JsonOption {
  readonly adapter: string;
  readonly exhaustive?: boolean;
  readonly kernel?: string;
  readonly accumulator?: boolean;
  readonly count?: number;
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .summary('check every shader against the oracles')
    .description(
      'Computes on the adapter what the CPU computes exactly, and compares: formats and quantising bit for bit, products ' +
        'within the bound of each kernel. A kernel that cannot run on the adapter is listed as skipped. ' +
        'The exit code is 1 if a check failed or none could be made.',
    )
    .option('--exhaustive', 'also encode all 2^32 f32 bit patterns into e4m3 and e5m2')
    .addOption(
      choiceOption('--kernel <kernel>', 'check products by this kernel, and nothing else', kernelNames),
    )
    .addOption(
      new Option(
        '--accumulator',
        'cross-check the emulators, and nothing else: random dot products and every pair of codes',
      ).conflicts(['exhaustive', 'kernel']),
    )
    .addOption(
      wholeOption(
        '--count <count>',
        'random dot products of --accumulator (default: 10^8, in software fewer)',
      ),
    )
    .addOption(adapterOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile verify', 'formats, quantising and every kernel that this adapter can run'],
        ['octile verify --exhaustive', 'with every f32 there is; minutes on a GPU, longer on a CPU'],
        ['octile verify --kernel portable --adapter software', 'one kernel on the software adapter'],
        ['octile verify --accumulator', "matrix instructions' bits, by 10^8 random dot products"],
      ]),
    )
    .action(verify);
}

async function verify(options: VerifyCommandOptions): Promise<void> {
  const { exhaustive, kernel, accumulator, count: dotProducts, json } = options;
  if (dotProducts !== undefined && !accumulator)
    throw new ArgumentError('--count', dotProducts, 'nothing, without --accumulator');
  const work = async (context: Context) => {
    const { gpu } = context;
    const wanted = {
      exhaustive,
      kernels: kernel === undefined ? undefined : [kernel],
      accumulator: accumulator ? { count: dotProducts } : undefined,
    };
    const start = performance.now();
    const checks = await withProgress(
      'verifying',
      countSteps(gpu, wanted),
      (tick) => runChecks(gpu, { ...wanted, onStep: () => tick() }),
      { json },
    );
    const count = (status: CheckReport['status']) => checks.filter((check) => check.status === status).length;
    return {
      command: 'verify',
      adapter: adapterResult(context),
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
      milliseconds: performance.now() - start,
      checks,
    };
  };
  const result = await endingOnInterrupt(() => withContext(options, work));
  printResult(options, result, () => verifyText(result.checks));
  // A script that asked for a kernel must not take "could not be checked" for "is right".
  if (result.failed > 0 || result.passed === 0) process.exitCode = 1;
}

function verifyText(checks: readonly CheckReport[]): string {
  const { green, red, yellow } = colors();
  const paint = { passed: green, failed: red, skipped: yellow };
  const rows = checks.map(({ name, status, checked, mismatches, detail }) => [
    name,
    paint[status](status),
    checked.toLocaleString('en'),
    mismatches.toLocaleString('en'),
    detail,
  ]);
  const count = (status: CheckReport['status']) => checks.filter((check) => check.status === status).length;
  const summary = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  const verdict = () => {
    if (count('failed') > 0) return red(summary);
    return count('passed') === 0 ? yellow(`${summary}: nothing was checked`) : green(summary);
  };
  return [
    table(['check', 'result', 'compared', 'mismatches', 'detail'], rows, ['left', 'left', 'right', 'right']),
    '',
    verdict(),
  ].join('\n');
}
