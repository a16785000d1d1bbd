/** @file A saved run, out of data that anybody may have written: every part is checked before it is shown. */

import { type BenchCase, caseName, casts, groupings } from '../../bench/cases.js';
import type { PeerRecord } from '../../bench/peers/record.js';
import { type BenchRecord, howFrom } from '../../bench/record.js';
import { FileError, OctileError } from '../../src/errors.js';
import { JsonPart, notJson } from '../../src/json-part.js';
import type { CheckReport } from '../../src/verify/verify.js';
import { settingsFrom } from '../benchmark/settings.js';
import { type BenchmarkRun, type Machine, type PeersRun, schema } from './benchmark-run.js';

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
    throw notJson(source, error);
  }
  try {
    return runFrom(new JsonPart(value));
  } catch (error) {
    if (error instanceof OctileError)
      throw new FileError(`${source} is no saved benchmark: ${error.message}`);
    throw error;
  }
}

function runFrom(file: JsonPart): BenchmarkRun {
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
    ...(file.at('peers').value === undefined ? {} : { peers: peersFrom(file.at('peers')) }),
  };
}

function peersFrom(part: JsonPart): PeersRun {
  return {
    records: part.at('records').list(peerRecordFrom),
    absent: part.at('absent').list((one) => ({
      library: one.at('library').text(),
      reason: one.at('reason').text(),
    })),
  };
}

function peerRecordFrom(part: JsonPart): PeerRecord {
  const product = part.at('product');
  const about = {
    name: part.at('name').text(),
    library: part.at('library').text(),
    precision: part.at('precision').text(),
    timed: part.at('timed').text(),
    product: { m: product.at('m').size(), n: product.at('n').size(), k: product.at('k').size() },
  };
  const status = part.at('status').oneOf(['measured', 'failed', 'skipped']);
  if (status !== 'measured') return { ...about, status, reason: part.at('reason').text() };
  return {
    ...about,
    status,
    kernel: part.at('kernel').value === null ? null : part.at('kernel').text(),
    tflops: part.at('tflops').number(),
    error: numberOrNull(part.at('error')),
    calcDiff: numberOrNull(part.at('calcDiff')),
    min: part.at('min').number(),
    median: part.at('median').number(),
    max: part.at('max').number(),
    deviation: part.at('deviation').number(),
    samples: part.at('samples').number(),
  };
}

function numberOrNull(part: JsonPart): number | null {
  return part.value === null ? null : part.number();
}

/** `octile bench --json`. */
function commandLineRun(file: JsonPart): BenchmarkRun {
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

function machineFrom(part: JsonPart): Machine {
  return {
    name: part.at('name').text(),
    kind: part.at('kind').text(),
    browser: part.at('browser').text(),
    features: part.at('features').list((feature) => feature.text()),
    workgroupMemory: numberOrNull(part.at('workgroupMemory')),
    largestBuffer: numberOrNull(part.at('largestBuffer')),
  };
}

function reportFrom(part: JsonPart): CheckReport {
  return {
    name: part.at('name').text(),
    status: part.at('status').oneOf(['passed', 'failed', 'skipped']),
    checked: part.at('checked').number(),
    mismatches: part.at('mismatches').number(),
    detail: part.at('detail').text(),
  };
}

function recordFrom(part: JsonPart): BenchRecord {
  const one = caseFrom(part.at('case'));
  const adapter = part.at('adapter');
  const about = {
    name: caseName(one),
    case: one,
    kernel: part.at('kernel').text(),
    adapter: { name: adapter.at('name').text(), kind: adapter.at('kind').text() },
    date: part.at('date').date(),
    version: part.at('version').text(),
    ...howFrom(part),
  };
  const status = part.at('status').oneOf(['measured', 'failed', 'skipped']);
  if (status !== 'measured') return { ...about, status, reason: part.at('reason').text() };
  return {
    ...about,
    status,
    tflops: numberOrNull(part.at('tflops')),
    gbps: part.at('gbps').number(),
    error: numberOrNull(part.at('error')),
    calcDiff: numberOrNull(part.at('calcDiff')),
    min: part.at('min').number(),
    median: part.at('median').number(),
    max: part.at('max').number(),
    ...(part.at('deviation').value === undefined ? {} : { deviation: part.at('deviation').number() }),
    samples: part.at('samples').number(),
    timing: part.at('timing').oneOf(['timestamp', 'wall']),
  };
}

const caseSizes = {
  gemm: ['m', 'n', 'k'],
  quantize: ['rows', 'cols'],
  grouped: ['groups', 'size', 'capacity', 'n', 'other'],
  cast: ['m', 'n', 'k'],
  copy: ['bytes'],
  peak: ['operations'],
} as const;
const caseNames = {
  gemm: { aFormat: 'e4m3', bFormat: 'e4m3', aGranularity: '1x128', bGranularity: '128x128', out: 'f32' },
  quantize: { format: 'e4m3', granularity: '1x128' },
  grouped: { out: 'f32' },
  cast: { out: 'f32' },
  copy: {},
  peak: {},
} as const;
/** The setting whose names a part of a case takes. */
const settingOf: Readonly<Record<string, string>> = { format: 'aFormat', granularity: 'aGranularity' };

function caseFrom(part: JsonPart): BenchCase {
  const kind = part.at('kind').oneOf(['gemm', 'quantize', 'copy', 'peak', 'grouped', 'cast']);
  const sizes = caseSizes[kind].map((name) => [name, part.at(name).size()] as const);
  const names = Object.keys(caseNames[kind]).map((name) => {
    const value = part.at(name).text();
    // The names that settings know are those that a case may hold, but for the one that is none.
    if (value === 'suite') throw new FileError(`${part.path}.${name} is "suite"`);
    settingsFrom({ [settingOf[name] ?? name]: value });
    return [name, value] as const;
  });
  const optional = kind === 'gemm' ? optionalParts(part) : [];
  const ways = [
    ...(kind === 'grouped' ? [['grouping', part.at('grouping').oneOf(groupings)]] : []),
    ...(kind === 'cast' ? [['cast', part.at('cast').oneOf(casts)]] : []),
  ];
  return Object.fromEntries([
    ['kind', kind],
    ...sizes,
    ...names,
    ...optional,
    ...ways,
  ]) as unknown as BenchCase;
}

function optionalParts(part: JsonPart): [string, string | number][] {
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
