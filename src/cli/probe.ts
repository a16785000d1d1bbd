/** @file octile probe: what the adapter's arithmetic does, found by experiments. */

import type { Command } from 'commander';
import { ArgumentError } from '../errors.js';
import { readBytes, requireOutputFile, withFile, writeFiles } from '../io/files.js';
import { type Comparison, compareReports } from '../probe/compare.js';
import type { Evidence, Finding, Section } from '../probe/finding.js';
import { countSections, probe } from '../probe/probe.js';
import { type ProbeReport, readReport, writeReport } from '../probe/report.js';
import { filesOf } from './argument.js';
import { adapterOption, examples } from './help.js';
import { endingOnInterrupt } from './interrupt.js';
import { withProgress } from './progress.js';
import { withContext } from './session.js';
import { table } from './table.js';
import { colors, printAside, printResult } from './terminal.js';

interface ProbeCommandOptions {
  readonly adapter: string;
  readonly brief?: true;
  readonly compare?: readonly string[];
  /** true without a file. */
  readonly json?: true | string;
}

export function registerProbe(program: Command): void {
  program
    .command('probe')
    .summary("find the numerics of the adapter's arithmetic")
    .description(
      'Finds by experiments how the adapter rounds, fuses, flushes and adds up, in shaders and in matrix units, and what ' +
        'NaN, infinity and overflow become. Each answer comes with the inputs and the bits that decided it.',
    )
    .option('--brief', 'print the answers without their evidence')
    .option('--compare <file...>', 'show where this adapter and a report differ, or two reports')
    .addOption(adapterOption())
    .option('--json [file]', 'write the report, or with --compare the comparison, to a file, or print it')
    .addHelpText(
      'after',
      examples([
        ['octile probe --brief', 'the answers'],
        ['octile probe --json here.json', 'with the evidence, for another machine to compare with'],
        ['octile probe --compare there.json', 'what differs here'],
        ['octile probe --compare there.json elsewhere.json', 'what differs between the two'],
      ]),
    )
    .action(run);
}

async function run(options: ProbeCommandOptions): Promise<void> {
  const { json, compare = [] } = options;
  if (compare.length > 2) throw new ArgumentError('--compare', compare, 'one report or two');
  const file = typeof json === 'string' ? json : undefined;
  if (file !== undefined) await filesOf('--json', () => requireOutputFile(file, compare));
  const [first, second] = await filesOf('--compare', () => Promise.all(compare.map(readFile)));

  const report = second ?? (await endingOnInterrupt(() => probeAdapter(options)));
  const comparison = first && { command: 'probe', ...compareReports(first, report) };
  printResult({ json: json === true }, comparison ?? report, () =>
    comparison ? comparisonText(comparison) : reportText(report, options.brief === true),
  );
  if (file === undefined) return;
  const text = comparison ? `${JSON.stringify(comparison, undefined, 2)}\n` : writeReport(report);
  await filesOf('--json', () => writeFiles([{ path: file, parts: [new TextEncoder().encode(text)] }]));
  printAside(`wrote ${file}`);
}

function probeAdapter(options: ProbeCommandOptions): Promise<ProbeReport> {
  return withContext(options, (context) =>
    withProgress('probing', countSections(context), (tick) => probe(context, { onSection: () => tick() }), {
      json: options.json,
    }),
  );
}

function readFile(path: string): Promise<ProbeReport> {
  return withFile(path, async (handle, size) =>
    readReport(new TextDecoder().decode(await readBytes(handle, 0, size)), path),
  );
}

function reportText({ sections }: ProbeReport, brief: boolean): string {
  return sections.map((section) => sectionText(section, brief)).join('\n\n');
}

function sectionText({ title, notOffered, findings, closest }: Section, brief: boolean): string {
  const { bold, yellow } = colors();
  const heading = bold(title.charAt(0).toUpperCase() + title.slice(1));
  if (notOffered !== undefined) return `${heading}\n${yellow('not offered by this adapter')}: ${notOffered}`;
  return [
    heading,
    brief
      ? table(
          ['question', 'answer'],
          findings.map(({ question, answer }) => [question, answer]),
        )
      : findings.map(findingText).join('\n'),
    ...(closest
      ? [
          '',
          `closest accumulation profile: ${bold(closest.profile)}${closest.differences.length === 0 ? ', in all that was measured' : ', but'}`,
          ...closest.differences.map((difference) => `  - ${difference}`),
        ]
      : []),
  ].join('\n');
}

function findingText({ question, answer, cases, evidence }: Finding): string {
  const { bold, dim } = colors();
  const lines = evidence.map((one) => dim(`    ${evidenceText(one)}`));
  return [
    `${question} ${bold(answer)} ${dim(`(${cases} ${cases === 1 ? 'case' : 'cases'})`)}`,
    ...lines,
  ].join('\n');
}

function evidenceText({ inputs, seen, predicted }: Evidence): string {
  const supposed = Object.entries(predicted).map(([name, bits]) => `${bits} if ${name}`);
  return [`${inputs.join(', ')} gave ${seen}`, ...supposed].join('; ');
}

function comparisonText({ adapters, compared, differences }: Comparison): string {
  const { green, yellow } = colors();
  if (differences.length === 0) return green(`no difference in ${compared} findings`);
  return [
    table(
      ['finding', ...adapters],
      differences.map(({ id, answers }) => [id, ...answers]),
    ),
    '',
    yellow(`${differences.length} of ${compared} findings differ`),
  ].join('\n');
}
