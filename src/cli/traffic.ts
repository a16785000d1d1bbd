/** @file octile traffic: bytes moved and conversions made, by dataflow. Nothing is run. */

import { type Command, InvalidArgumentError } from 'commander';
import { parseSides } from '../../bench/parse-sides.js';
import type { FormatName } from '../format/formats.js';
import { type Dtype, dtypes } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import { type Dataflow, dataflows } from '../traffic/dataflow.js';
import { type Stored, storedForms, trafficProblem } from '../traffic/problem.js';
import {
  conversionKinds,
  type Level,
  levels,
  type Traffic,
  totalBytes,
  totalConversions,
  trafficOf,
} from '../traffic/traffic.js';
import {
  choiceOption,
  examples,
  formatOption,
  granularityOption,
  jsonOption,
  wholeNumber,
  wholeOption,
} from './help.js';
import { list, table } from './table.js';
import { colors, type JsonOption, printResult } from './terminal.js';

interface TrafficFlags extends JsonOption {
  readonly aType: Dtype;
  readonly format: FormatName;
  readonly bFormat?: FormatName;
  readonly granularity: GranularityName;
  readonly bGranularity: GranularityName;
  readonly out: Dtype;
  readonly tile: [number, number, number];
  readonly fragment: [number, number];
  readonly stored: Stored;
  readonly interval?: number;
  readonly stages?: true;
}

export function registerTraffic(program: Command): void {
  program
    .command('traffic')
    .summary('count the bytes that a product moves, by dataflow')
    .description(
      'Counts the bytes that D = A · Bᵀ moves at every level and the conversions it makes: with the separate cast of ' +
        "today's hardware, with casts fused or near the memory, and with scales outside or inside the matrix unit.",
    )
    .argument('<M>', 'rows of D and A', wholeNumber)
    .argument('<N>', 'columns of D, rows of B', wholeNumber)
    .argument('<K>', 'columns of A and B', wholeNumber)
    .addOption(choiceOption('--a-type <dtype>', 'activations before the cast', dtypes).default('bf16'))
    .addOption(formatOption('--format <format>', 'element format').default('e4m3'))
    .addOption(formatOption('--b-format <format>', 'element format of B, if it is another'))
    .addOption(granularityOption('--granularity <granularity>', 'scales of A').default('1x128'))
    .addOption(granularityOption('--b-granularity <granularity>', 'scales of B').default('128x128'))
    .addOption(choiceOption('--out <dtype>', 'type of D', dtypes).default('bf16'))
    .addOption(sizesOption('--tile <sizes>', "a workgroup's rows x columns x depth", [128, 128, 64]))
    .addOption(sizesOption('--fragment <sizes>', "a matrix unit's or thread's rows x columns", [64, 64]))
    .addOption(choiceOption('--stored <form>', 'operands in workgroup memory', storedForms).default('codes'))
    .addOption(wholeOption('--interval <count>', 'elements of K between promotions (default: 128)'))
    .option('--stages', 'list every move')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples([
        ['octile traffic 4096 7168 2048', 'a layer of DeepSeek-V3'],
        ['octile traffic 128 7168 2048 --a-type f32 --stages', 'every move, from f32 activations'],
        [
          'octile traffic 4096 4096 4096 --tile 64x64x16 --fragment 8x8 --stored f32',
          'as the kernel portable',
        ],
      ])}

memory counts each byte once a pass, what no cache can save; cache counts what the product's workgroups ask for.`,
    )
    .action(printTraffic);
}

/** An option of whole numbers joined by x. */
function sizesOption(flags: string, description: string, defaults: readonly number[]) {
  return wholeOption(flags, description)
    .argParser((text) => {
      const sizes = parseSides(text, defaults.length);
      if (!sizes)
        throw new InvalidArgumentError(`Allowed: ${defaults.length} sizes such as ${defaults.join('x')}.`);
      return sizes;
    })
    .default(defaults, defaults.join('x'));
}

function printTraffic(m: number, n: number, k: number, flags: TrafficFlags): void {
  const { aType, format, bFormat = format, granularity, bGranularity, out, tile, fragment, stored } = flags;
  const problem = trafficProblem({
    m,
    n,
    k,
    aType,
    formatA: format,
    formatB: bFormat,
    granularityA: granularity,
    granularityB: bGranularity,
    out,
    tile,
    fragment,
    stored,
    ...(flags.interval === undefined ? {} : { interval: flags.interval }),
  });
  const traffics = dataflows.map((dataflow) => trafficOf(problem, dataflow));
  const result = {
    command: 'traffic',
    m,
    n,
    k,
    aType,
    formats: [format, bFormat],
    granularities: [granularity, bGranularity],
    out,
    tile,
    fragment,
    stored,
    interval: problem.interval,
    operations: 2 * m * n * k,
    dataflows: traffics.map(dataflowResult),
  };
  printResult(flags, result, () =>
    [
      list([
        ['product', `${m} x ${n} x ${k}, ${count(2 * m * n * k)} operations`],
        ['operands', `${aType} to ${format} ${granularity}; ${bFormat} ${bGranularity}; out ${out}`],
        [
          'tiles',
          `${tile.join(' x ')}, fragments ${fragment.join(' x ')}, ${stored} in workgroup memory, promoted every ${problem.interval}`,
        ],
      ]),
      '',
      ...summary(traffics),
      ...(flags.stages ? traffics.flatMap((traffic) => ['', ...moves(traffic)]) : []),
    ].join('\n'),
  );
}

function dataflowResult(traffic: Traffic) {
  const { dataflow, moves, conversions } = traffic;
  return {
    name: dataflow.name,
    summary: dataflow.summary,
    bytes: Object.fromEntries(levels.map((level) => [level, bothWays(traffic, level)])),
    conversions: Object.fromEntries(conversionKinds.map((what) => [what, totalConversions(traffic, what)])),
    stages: { moves, conversions },
  };
}

function bothWays(traffic: Traffic, level: Level) {
  return { read: totalBytes(traffic, level, 'read'), write: totalBytes(traffic, level, 'write') };
}

/** Megabytes at every level, and conversions in millions. */
function summary(traffics: readonly Traffic[]): string[] {
  const { bold } = colors();
  const byteRows = traffics.map((traffic) => {
    const bytes = (level: Level) => bothWays(traffic, level);
    const [memory, workgroup, registers] = [bytes('memory'), bytes('workgroup'), bytes('registers')];
    return [
      traffic.dataflow.name,
      ...[memory.read, memory.write, memory.read + memory.write, bytes('cache').read].map(millions),
      ...[workgroup.write, workgroup.read, registers.write, registers.read].map(millions),
    ];
  });
  const byteHead = ['dataflow', 'memory read', 'written', 'both', 'cache read'];
  const innerHead = ['workgroup written', 'read', 'registers written', 'read'];
  return [
    bold('Megabytes'),
    table([...byteHead, ...innerHead], byteRows, rightAligned(9)),
    '',
    bold('Conversions, millions'),
    table(
      ['dataflow', ...conversionKinds],
      traffics.map((traffic) => [
        traffic.dataflow.name,
        ...conversionKinds.map((what) => millions(totalConversions(traffic, what))),
      ]),
      rightAligned(1 + conversionKinds.length),
    ),
    '',
    list(traffics.map(({ dataflow }: { readonly dataflow: Dataflow }) => [dataflow.name, dataflow.summary])),
  ];
}

function moves({ dataflow, moves, conversions }: Traffic): string[] {
  const { bold } = colors();
  return [
    bold(`${dataflow.name}: ${dataflow.summary}`),
    table(
      ['stage', 'where', '', 'what', 'amount'],
      [
        ...moves.map(({ stage, level, direction, what, bytes }) => [
          stage,
          level,
          direction,
          what,
          `${count(bytes)} bytes`,
        ]),
        ...conversions.map((one) => [one.stage, '', '', one.what, `${count(one.count)} times`]),
      ],
      ['left', 'left', 'left', 'left', 'right'],
    ),
  ];
}

function rightAligned(columns: number): ('left' | 'right')[] {
  return Array.from({ length: columns }, (_, i) => (i === 0 ? 'left' : 'right'));
}

function millions(value: number): string {
  return (value / 1e6).toFixed(value >= 1e8 ? 0 : value >= 1e7 ? 1 : 2);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
