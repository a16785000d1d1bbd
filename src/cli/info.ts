/** @file octile info: what this machine offers, and what octile can do with it. */

import { createRequire } from 'node:module';
import process from 'node:process';
import type { Command } from 'commander';
import { profiles } from '../accumulate/profile.js';
import type { Context } from '../context.js';
import { width } from '../format/format.js';
import { formats, maxFinite } from '../format/formats.js';
import { kernelStates } from '../gemm/registry.js';
import { version } from '../library.js';
import { parametersOf } from './accumulator.js';
import { adapterOption, examples, jsonOption } from './help.js';
import { withContext } from './session.js';
import { list, table } from './table.js';
import { colors, type JsonOption, printResult } from './terminal.js';

interface InfoOptions extends JsonOption {
  readonly adapter: string;
}

/** The limits that decide which kernels and which matrices fit. */
const limitNames = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

export function registerInfo(program: Command): void {
  program
    .command('info')
    .summary('show the adapter and what can run on it')
    .description(
      'Shows the adapter and why it was taken, its features and limits, kernels, formats, accumulators, versions.',
    )
    .addOption(adapterOption(false))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['octile info', 'the adapter that other commands take'],
        ['octile info --adapter software', 'the embedded software adapter'],
        ['octile info --json', 'for a program'],
      ]),
    )
    .action(async (options: InfoOptions) => {
      const result = await withContext(options, async (context) => describe(context));
      printResult(options, result, () => describeText(result));
    });
}

type Info = ReturnType<typeof describe>;

function describe(context: Context) {
  const { device, adapter } = context.gpu;
  const { vendor, architecture, subgroupMinSize, subgroupMaxSize } = adapter.adapter.info;
  const { name, source, kind, reason, features } = context.adapter;
  return {
    command: 'info',
    adapter: { name, source, kind, reason, vendor, architecture },
    features: [...features].sort(),
    subgroupSizes: [subgroupMinSize, subgroupMaxSize],
    limits: Object.fromEntries(limitNames.map((limit) => [limit, device.limits[limit]])),
    kernels: kernelStates(context.gpu).map(({ kernel, obstacle }) => ({
      name: kernel.name,
      summary: kernel.summary,
      runs: obstacle === undefined,
      ...(obstacle === undefined ? {} : { reason: obstacle }),
    })),
    formats: Object.values(formats).map((format) => ({
      name: format.name,
      bits: width(format),
      signBits: format.signBits,
      exponentBits: format.exponentBits,
      mantissaBits: format.mantissaBits,
      bias: format.bias,
      largest: maxFinite(format),
      specials: format.specials,
    })),
    profiles: Object.values(profiles).map((profile) => ({
      name: profile.name,
      ...parametersOf(profile),
      outputRounding: profile.outputRounding,
      chaining: profile.chaining,
    })),
    versions: {
      octile: version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      webgpu: packageVersion('webgpu'),
    },
  };
}

function describeText({
  adapter,
  features,
  subgroupSizes,
  limits,
  kernels,
  formats,
  profiles,
  versions,
}: Info): string {
  const { bold } = colors();
  const [smallest, largest] = subgroupSizes;
  return [
    bold('Adapter'),
    list([
      ['name', adapter.name],
      ['kind', `${adapter.kind}, from ${adapter.source}`],
      ['why', adapter.reason],
      ['vendor', [adapter.vendor, adapter.architecture].filter(Boolean).join(', ')],
      ['features', features.join(', ') || 'none'],
      ['subgroups', smallest === largest ? `of ${smallest}` : `of ${smallest} to ${largest}`],
    ]),
    '',
    bold('Limits'),
    list(Object.entries(limits).map(([limit, value]) => [limit, value.toLocaleString('en')])),
    '',
    bold('Kernels'),
    table(
      ['name', 'runs here', 'what it is'],
      kernels.map(({ name, runs, reason, summary }) => [name, runs ? 'yes' : `no: ${reason}`, summary]),
    ),
    '',
    bold('Formats'),
    table(
      ['name', 'bits', 's/e/m', 'bias', 'largest', 'specials'],
      formats.map(({ name, bits, signBits, exponentBits, mantissaBits, bias, largest, specials }) => [
        name,
        bits,
        `${signBits}/${exponentBits}/${mantissaBits}`,
        bias,
        largest > 1e6 ? largest.toExponential(3) : largest,
        specials,
      ]),
      ['left', 'right', 'left', 'right', 'right', 'left'],
    ),
    '',
    bold('Accumulators'),
    table(
      ['profile', 'products', 'fraction bits', 'output bits', 'rounding', 'sum so far'],
      profiles.map(({ name, products, fractionBits, outputBits, outputRounding, chaining }) => [
        name,
        products,
        fractionBits,
        outputBits,
        outputRounding,
        chaining === 'fused' ? 'a term of the step' : 'added to the step',
      ]),
      ['left', 'right', 'right', 'right'],
    ),
    '',
    bold('Versions'),
    list(Object.entries(versions)),
  ].join('\n');
}

/** The version of an installed package, or a remark that it is missing. */
function packageVersion(name: string): string {
  try {
    return String(createRequire(import.meta.url)(`${name}/package.json`).version);
  } catch {
    return 'not installed';
  }
}
