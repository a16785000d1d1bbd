/** @file The program: its commands, and what becomes of their errors. */

import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { ArgumentError, OctileError } from '../errors.js';
import { version } from '../library.js';
import { registerBench } from './bench.js';
import { registerDequantize } from './dequantize.js';
import { registerExperiment } from './experiment.js';
import { registerGemm } from './gemm.js';
import { examples } from './help.js';
import { registerInfo } from './info.js';
import { registerProbe } from './probe.js';
import { registerQuantize } from './quantize.js';
import { registerReport } from './report.js';
import { errorColors } from './terminal.js';
import { registerTraffic } from './traffic.js';
import { registerTune } from './tune.js';
import { registerVerify } from './verify.js';

/** Every command, in the order of the help: each is a file beside this one that adds itself to the program. */
const commands: readonly ((program: Command) => void)[] = [
  registerInfo,
  registerQuantize,
  registerDequantize,
  registerGemm,
  registerVerify,
  registerProbe,
  registerBench,
  registerTune,
  registerReport,
  registerExperiment,
  registerTraffic,
];

/** Exit statuses. */
const done = 0;
const failed = 1;
const misused = 2;

/**
 * Runs one command line to its end.
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage. A command that has printed a result that counts as
 * a failure sets process.exitCode.
 */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv);
    return Number(process.exitCode ?? done);
  } catch (error) {
    return fail(error);
  }
}

/** Prints an error as one message and gives the exit status it calls for. Its stack shows with OCTILE_DEBUG=1. */
export function fail(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? done : misused;
  const known = error instanceof OctileError;
  const message = error instanceof Error ? error.message : String(error);
  const debug = process.env.OCTILE_DEBUG === '1';
  const lines = [`${errorColors().red('error:')} ${known ? message : `unexpected: ${message}`}`];
  if (debug && error instanceof Error && error.stack) lines.push(error.stack);
  else if (!known) lines.push('OCTILE_DEBUG=1 shows where it happened');
  process.stderr.write(`${lines.join('\n')}\n`);
  return error instanceof ArgumentError ? misused : failed;
}

function program(): Command {
  const root = new Command('octile')
    .description(
      'FP8 block-scaled matrix multiplication on any GPU that has WebGPU, with every bit accounted for',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showHelpAfterError('(octile help shows how)')
    .configureHelp({ styleTitle: (title) => errorColors().bold(title) })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, errorColors().red('error:'))),
    })
    .addHelpText(
      'after',
      `${examples([
        ['octile info', 'what this machine offers'],
        ['octile quantize x.npy -o x8', 'to e4m3 with one scale for each 1x128 tile'],
        ['octile gemm --a x8 --b w8 -o d.npy', 'D = A · Bᵀ'],
      ])}

Arrays are NumPy's .npy files: f4, f2, f8 (rounded to f32), the bits of bf16 as u2 with --dtype bf16; codes are
u1 (u2 for formats wider than 8 bits), scales f4 or, for 1x32, e8m0 as u1. A vector is a matrix of one row.

Exit status: 0 done, 1 failed (a file, an adapter, a result that does not verify), 2 wrong usage.
OCTILE_DEBUG=1 prints the stack of an error, NO_COLOR=1 keeps colours out, OCTILE_TUNING=off leaves aside what
octile tune has found.`,
    );
  for (const register of commands) register(root);
  for (const command of root.commands)
    command.showHelpAfterError(`(octile help ${command.name()} shows how)`);
  return root;
}
