/**
 * @file No way back: a run against an earlier one on the same adapter, and what lost or gained more than its noise.
 *
 * The rule. A run's noise is s = 1.4826 · MAD of its samples, the standard deviation of a normal distribution with
 * that median absolute deviation: a few samples that something disturbed do not widen it. The medians of two runs
 * differ if they are farther apart than t · √(s² + s'²), with Student's t for a two-sided error of 1 % at one degree
 * of freedom less than the smaller run has samples, and farther than a floor. It is the spread of single samples that
 * counts, and not the narrower standard error of their median, because the samples of one run share a clock rate, a
 * temperature and a place in memory: their median strays further from run to run than independent samples would
 * allow. The floor is what medians of the same work differ by from run to run however quiet each run was.
 */

import { FileError, OctileError } from '../src/errors.js';
import { JsonPart, notJson } from '../src/json-part.js';
import { tilingText } from '../src/tune/tuning.js';
import { type BenchRecord, howFrom, type Measurement } from './record.js';

/** The form of what `octile bench --json` writes. A change that comparing cannot bridge gets another number. */
export const benchSchema = 1;

/** What stands for a suite's name where products were given by shape. */
export const ownShapes = 'shapes';

/** How a run was asked for and where it ran: what two runs share if their figures are to be compared. */
export interface RunSetting {
  readonly suite: string;
  readonly kernel: string;
  /** Output type of every product, or null for each case's own. */
  readonly out: string | null;
  readonly adapter: string;
  /** Of the device, sorted. */
  readonly features: readonly string[];
  /** Toggles that Dawn was started with; none in other implementations. */
  readonly flags: readonly string[];
}

/** A result of an earlier run: its time, or none. */
export type EarlierRecord = Pick<BenchRecord, 'name' | 'kernel' | 'tiling'> & {
  readonly time?: Pick<Measurement, 'median' | 'deviation' | 'samples' | 'timing'>;
};

export interface Baseline {
  readonly setting: RunSetting;
  readonly interrupted: boolean;
  /** Of its first record. */
  readonly date: string;
  readonly version: string;
  readonly records: readonly EarlierRecord[];
}

/**
 * What became of a case.
 * - lost, gained: slower or faster by more than the noise; same: by less
 * - unlike: timed by another clock, which cannot be compared
 * - missing: measured before, and not now; new: the other way round
 */
export type Verdict = 'lost' | 'gained' | 'same' | 'unlike' | 'missing' | 'new';

export interface Change {
  readonly name: string;
  /** Now; before, where it is missing. */
  readonly kernel: string;
  /** Where `auto` took another one. */
  readonly kernelBefore?: string;
  readonly verdict: Verdict;
  /** Medians in µs; null where it was not measured. */
  readonly before: number | null;
  readonly now: number | null;
  /** now / before - 1: above 0 is slower; null where one of them is missing. */
  readonly change: number | null;
  /** What the change had to exceed. */
  readonly noise: number | null;
}

export interface Comparison {
  /** What differs between the runs apart from their figures, a sentence each. */
  readonly remarks: readonly string[];
  readonly changes: readonly Change[];
}

/** Medians of a GPU repeat within 1 % each; a CPU's depend on what else the machine does. */
const floors = { hardware: 0.02, software: 0.2 } as const;

/** Standard deviation of a normal distribution over its median absolute deviation. */
const sigmaPerDeviation = 1.4826;

/** Student's t, two-sided 1 %, for 1, 2, … degrees of freedom; the last for all more, where it falls to 2.58. */
const studentT = [63.7, 9.92, 5.84, 4.6, 4.03, 3.71, 3.5, 3.36, 3.25, 3.17] as const;

/**
 * What `octile bench --json` wrote.
 * @param source where it came from, as the message names it
 * @throws FileError saying what is wrong with it
 */
export function readBaseline(text: string, source: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(source, error);
  }
  try {
    return baselineFrom(new JsonPart(value));
  } catch (error) {
    if (error instanceof OctileError)
      throw new FileError(`${source} is no run of octile bench to compare with: ${error.message}`);
    throw error;
  }
}

function baselineFrom(file: JsonPart): Baseline {
  file.at('command').oneOf(['bench']);
  const schema = file.at('schema');
  if (schema.value === undefined)
    throw new FileError('it has no "schema": an earlier version wrote it. Measure anew with --json');
  if (schema.number() !== benchSchema)
    throw new FileError(
      `its form is number ${schema.number()}, and this version reads number ${benchSchema}`,
    );
  const records = file.at('records').list(recordFrom);
  const [first] = file.at('records').list((part) => part);
  if (!first) throw new FileError('it holds no records');
  const out = file.at('out');
  return {
    setting: {
      suite: file.at('suite').text(),
      kernel: file.at('kernel').text(),
      out: out.value === null ? null : out.text(),
      adapter: file.at('adapter').at('name').text(),
      features: file.at('features').list((part) => part.text()),
      flags: file.at('flags').list((part) => part.text()),
    },
    interrupted: file.at('interrupted').value === true,
    date: first.at('date').date(),
    version: first.at('version').text(),
    records,
  };
}

function recordFrom(part: JsonPart): EarlierRecord {
  const about = { name: part.at('name').text(), kernel: part.at('kernel').text(), ...howFrom(part) };
  if (part.at('status').oneOf(['measured', 'failed', 'skipped']) !== 'measured') return about;
  return {
    ...about,
    time: {
      median: part.at('median').number(),
      deviation: part.at('deviation').number(),
      samples: part.at('samples').size(),
      timing: part.at('timing').oneOf(['timestamp', 'wall']),
    },
  };
}

/**
 * Holds a run against an earlier one that requireComparable has let pass.
 * @param kind of the adapter
 * @returns a change for each case that was measured in one of them
 */
export function compareRuns(
  baseline: Baseline,
  setting: RunSetting,
  records: readonly BenchRecord[],
  kind: keyof typeof floors,
): Comparison {
  const pairs = pairUp(baseline, setting, records);
  const changes = pairs.flatMap((pair) => changeOf(pair, floors[kind]) ?? []);
  return { remarks: [...remarksOn(baseline, setting), ...pairs.flatMap(tilingRemark)], changes };
}

/**
 * Called before anything is measured.
 * @param names of the cases of this run
 * @throws FileError if figures of the runs cannot be compared at all
 */
export function requireComparable(baseline: Baseline, setting: RunSetting, names: readonly string[]): void {
  if (baseline.setting.adapter !== setting.adapter)
    throw new FileError(
      `the baseline is of ${baseline.setting.adapter}, and this is ${setting.adapter}: figures of different adapters are not compared`,
    );
  if (!baseline.records.some(({ name }) => names.includes(name)))
    throw new FileError(
      `the baseline, of ${caseSource(baseline.setting)}, has no case of this run, of ${caseSource(setting)}: there is nothing to compare. Its first is ${baseline.records[0]?.name}, this run's ${names[0]}.`,
    );
}

/** Where a run's cases came from, in words. */
function caseSource({ suite }: RunSetting): string {
  return suite === ownShapes ? 'shapes of its own' : `suite ${suite}`;
}

function remarksOn({ setting: before, interrupted, ...baseline }: Baseline, now: RunSetting): string[] {
  const differing = (['suite', 'kernel', 'out'] as const)
    .filter((name) => before[name] !== now[name])
    .map((name) => `the baseline ran with --${name} ${before[name] ?? "of each case's own"}`);
  const lists = (['features', 'flags'] as const).flatMap((name) => {
    const gone = before[name].filter((one) => !now[name].includes(one));
    const come = now[name].filter((one) => !before[name].includes(one));
    return [
      ...(gone.length > 0 ? [`the baseline had the ${name} ${gone.join(', ')}, which this run has not`] : []),
      ...(come.length > 0 ? [`this run has the ${name} ${come.join(', ')}, which the baseline had not`] : []),
    ];
  });
  const stopped = interrupted ? [`the baseline of ${baseline.date} was interrupted`] : [];
  return [...differing, ...lists, ...stopped];
}

/** A case before and now. */
interface Pair {
  readonly before?: EarlierRecord;
  readonly now?: BenchRecord;
}

/** Records of the same case by the same kernel; or by the one that `auto` took, before and now. */
function pairUp(baseline: Baseline, setting: RunSetting, records: readonly BenchRecord[]): Pair[] {
  const automatic = baseline.setting.kernel === 'auto' && setting.kernel === 'auto';
  const key = ({ name, kernel }: Pick<BenchRecord, 'name' | 'kernel'>) =>
    automatic ? name : `${name} by ${kernel}`;
  const earlier = new Map(baseline.records.map((record) => [key(record), record]));
  const pairs = records.map((now): Pair => {
    const before = earlier.get(key(now));
    earlier.delete(key(now));
    return before ? { before, now } : { now };
  });
  return [...pairs, ...[...earlier.values()].map((before) => ({ before }))];
}

/** Where the same kernel took another tiling. */
function tilingRemark({ before, now }: Pair): string[] {
  if (before?.kernel !== now?.kernel || !before?.tiling || !now?.tiling) return [];
  const [earlier, later] = [tilingText(before.tiling), tilingText(now.tiling)];
  return earlier === later
    ? []
    : [`${now.name}: ${now.kernel} took ${earlier} in the baseline, and now ${later}`];
}

/** undefined where neither run measured it. */
function changeOf({ before, now }: Pair, floor: number): Change | undefined {
  const earlier = before?.time;
  const later = now?.status === 'measured' ? now : undefined;
  const { name, kernel } = (now ?? before) as Pick<BenchRecord, 'name' | 'kernel'>;
  const about = {
    name,
    kernel,
    ...(before && before.kernel !== kernel ? { kernelBefore: before.kernel } : {}),
    before: earlier?.median ?? null,
    now: later?.median ?? null,
  };
  if (!earlier && !later) return undefined;
  if (!earlier || !later)
    return { ...about, verdict: earlier ? 'missing' : 'new', change: null, noise: null };
  const change = later.median / earlier.median - 1;
  if (earlier.timing !== later.timing) return { ...about, verdict: 'unlike', change, noise: null };
  const noise = Math.max(floor, noiseOf(earlier, later) / earlier.median);
  const verdict = Math.abs(change) <= noise ? 'same' : change > 0 ? 'lost' : 'gained';
  return { ...about, verdict, change, noise };
}

/** What the medians of two runs may differ by, in µs. */
function noiseOf(...runs: readonly Pick<Measurement, 'deviation' | 'samples'>[]): number {
  const freedom = Math.min(...runs.map(({ samples }) => samples)) - 1;
  const t = studentT[Math.min(Math.max(freedom, 1), studentT.length) - 1] as number;
  return t * sigmaPerDeviation * Math.hypot(...runs.map(({ deviation = 0 }) => deviation));
}
