/** @file A saved run, out of data that anybody may have written: every part is checked before it is shown. */

import type { BenchRecord } from '../../bench/record.js';
import { type BenchCase, caseName } from '../../bench/suites.js';
import { FileError, OctileError } from '../../src/errors.js';
import type { CheckReport } from '../../src/verify/verify.js';
import { settingsFrom } from '../benchmark/settings.js';
import { type BenchmarkRun, type Machine, schema } from './benchmark-run.js';

/** More than any suite has, and little enough to draw. */
const mostRecords = 2000;
const longestText = 2000;

/**
 * A run of this page, or what `octile bench --json` wrote.
 * @param source where it came from, as the message names it
 * @throws FileError saying which part is wrong
 */
export function readRun(text: string, source: string): BenchmarkRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FileError(`${source} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return runFrom(new Part(value, 'the file'));
  } catch (error) {
    if (error instanceof OctileError)
      throw new FileError(`${source} is no saved benchmark: ${error.message}`);
    throw error;
  }
}

function runFrom(file: Part): BenchmarkRun {
  if (file.at('command').value === 'bench') return commandLineRun(file);
  if (file.at('octile').value !== 'benchmark')
    throw new FileError('it has neither "octile": "benchmark" nor "command": "bench"');
  const version = file.at('schema').number();
  if (version !== schema)
    throw new FileError(`its form is number ${version}, and this page reads number ${schema}`);
  const settings = file.at('settings');
  return {
    octile: 'benchmark',
    schema,
    id: file.at('id').text(),
    date: file.at('date').date(),
    version: file.at('version').text(),
    machine: machineFrom(file.at('machine')),
    settings: settings.value === null ? null : settingsFrom(settings.record()),
    thread: file.at('thread').oneOf(['worker', 'page', 'node']),
    ended: file.at('ended').oneOf(['complete', 'stopped', 'lost', 'failed']),
    checks: file.at('checks').list(reportFrom),
    records: file.at('records').list(recordFrom),
  };
}

/** `octile bench --json`. */
function commandLineRun(file: Part): BenchmarkRun {
  const records = file.at('records').list(recordFrom);
  const [first] = records;
  if (!first) throw new FileError('it holds no records');
  const { date, version } = first;
  const adapter = file.at('adapter');
  const [name, kind] = [adapter.at('name').text(), adapter.at('kind').text()];
  return {
    octile: 'benchmark',
    schema,
    id: `${date} ${name}`,
    date,
    version,
    machine: { name, kind, browser: 'Node', features: [], workgroupMemory: null, largestBuffer: null },
    settings: null,
    thread: 'node',
    ended: file.at('interrupted').value === true ? 'stopped' : 'complete',
    checks: [],
    records,
  };
}

function machineFrom(part: Part): Machine {
  const bytes = (name: string) => (part.at(name).value === null ? null : part.at(name).number());
  return {
    name: part.at('name').text(),
    kind: part.at('kind').text(),
    browser: part.at('browser').text(),
    features: part.at('features').list((feature) => feature.text()),
    workgroupMemory: bytes('workgroupMemory'),
    largestBuffer: bytes('largestBuffer'),
  };
}

function reportFrom(part: Part): CheckReport {
  return {
    name: part.at('name').text(),
    status: part.at('status').oneOf(['passed', 'failed', 'skipped']),
    checked: part.at('checked').number(),
    mismatches: part.at('mismatches').number(),
    detail: part.at('detail').text(),
  };
}

function recordFrom(part: Part): BenchRecord {
  const one = caseFrom(part.at('case'));
  const adapter = part.at('adapter');
  const about = {
    name: caseName(one),
    case: one,
    kernel: part.at('kernel').text(),
    adapter: { name: adapter.at('name').text(), kind: adapter.at('kind').text() },
    date: part.at('date').date(),
    version: part.at('version').text(),
  };
  const status = part.at('status').oneOf(['measured', 'failed', 'skipped']);
  if (status !== 'measured') return { ...about, status, reason: part.at('reason').text() };
  const orNull = (name: string) => (part.at(name).value === null ? null : part.at(name).number());
  return {
    ...about,
    status,
    tflops: orNull('tflops'),
    gbps: part.at('gbps').number(),
    error: orNull('error'),
    calcDiff: orNull('calcDiff'),
    min: part.at('min').number(),
    median: part.at('median').number(),
    max: part.at('max').number(),
    samples: part.at('samples').number(),
    timing: part.at('timing').oneOf(['timestamp', 'wall']),
  };
}

const caseSizes = {
  gemm: ['m', 'n', 'k'],
  quantize: ['rows', 'cols'],
  copy: ['bytes'],
  peak: ['operations'],
} as const;
const caseNames = {
  gemm: { aFormat: 'e4m3', bFormat: 'e4m3', aGranularity: '1x128', bGranularity: '128x128', out: 'f32' },
  quantize: { format: 'e4m3', granularity: '1x128' },
  copy: {},
  peak: {},
} as const;
/** The setting whose names a part of a case takes. */
const settingOf: Readonly<Record<string, string>> = { format: 'aFormat', granularity: 'aGranularity' };

function caseFrom(part: Part): BenchCase {
  const kind = part.at('kind').oneOf(['gemm', 'quantize', 'copy', 'peak']);
  const sizes = caseSizes[kind].map((name) => [name, part.at(name).size()] as const);
  const names = Object.keys(caseNames[kind]).map((name) => {
    const value = part.at(name).text();
    // The names that settings know are those that a case may hold, but for the one that is none.
    if (value === 'suite') throw new FileError(`${part.path}.${name} is "suite"`);
    settingsFrom({ [settingOf[name] ?? name]: value });
    return [name, value] as const;
  });
  const optional = kind === 'gemm' ? optionalParts(part) : [];
  return Object.fromEntries([['kind', kind], ...sizes, ...names, ...optional]) as unknown as BenchCase;
}

function optionalParts(part: Part): [string, string | number][] {
  const found: [string, string | number][] = [];
  for (const name of ['dialect', 'distribution', 'accumulator', 'promote']) {
    const { value } = part.at(name);
    if (value === undefined) continue;
    if (value === 'suite' || (name === 'accumulator' && value === 'none'))
      throw new FileError(`${part.path}.${name} is "${value}"`);
    settingsFrom({ [name]: name === 'promote' ? String(value) : value });
    found.push([name, value as string | number]);
  }
  return found;
}

/** A part of a file, and the way to it. */
class Part {
  constructor(
    readonly value: unknown,
    readonly path: string,
  ) {}

  at(name: string): Part {
    const { value, path } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new FileError(`${path} is not an object`);
    const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new Part(own, path === 'the file' ? name : `${path}.${name}`);
  }

  record(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null)
      throw new FileError(`${this.path} is not an object`);
    return this.value as Record<string, unknown>;
  }

  text(): string {
    const { value, path } = this;
    if (typeof value !== 'string' || value.length > longestText) throw new FileError(`${path} is not a text`);
    return value;
  }

  oneOf<T extends string>(allowed: readonly T[]): T {
    const found = allowed.find((name) => name === this.value);
    if (found === undefined)
      throw new FileError(`${this.path} is ${JSON.stringify(this.value)}; allowed: ${allowed.join(', ')}`);
    return found;
  }

  number(): number {
    const { value, path } = this;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw new FileError(`${path} is ${JSON.stringify(value)}, not a number of at least 0`);
    return value;
  }

  size(): number {
    const value = this.number();
    if (!Number.isSafeInteger(value) || value < 1)
      throw new FileError(`${this.path} is ${value}, not a size`);
    return value;
  }

  date(): string {
    const text = this.text();
    if (Number.isNaN(Date.parse(text))) throw new FileError(`${this.path} is "${text}", not a date`);
    return text;
  }

  list<T>(read: (part: Part) => T): T[] {
    const { value, path } = this;
    if (!Array.isArray(value)) throw new FileError(`${path} is not a list`);
    if (value.length > mostRecords)
      throw new FileError(`${path} has ${value.length} entries; at most ${mostRecords} are read`);
    return value.map((entry, index) => read(new Part(entry, `${path}[${index}]`)));
  }
}
