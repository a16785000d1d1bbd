import { describe, expect, test } from 'vitest';
import { profiles } from '../../src/accumulate/profile.js';
import { ExactSum } from '../../src/arithmetic/exact-sum.js';
import { Context } from '../../src/context.js';
import { agrees, type Quoted } from '../../src/dataflow/quoted.js';
import { type DataflowRun, runDataflow } from '../../src/dataflow/run.js';
import { type DataflowSettings, defaultSettings, profileOf } from '../../src/dataflow/settings.js';
import type { StepTrace } from '../../src/dataflow/steps.js';
import { type OutputTrace, traceOutput } from '../../src/dataflow/trace.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { openTestGpu } from '../adapter.js';

const context = new Context(await openTestGpu());

function total(terms: readonly number[]): number {
  const sum = new ExactSum();
  for (const term of terms) sum.add(term);
  return sum.value();
}

/** Every number of a trace that has a source, with its place. */
function quotedNumbers(value: unknown, path: string, found: [string, Quoted][] = []): [string, Quoted][] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return found;
  if ('source' in value && 'value' in value) found.push([path, value as Quoted]);
  else
    for (const [key, inner] of Object.entries(value))
      if (key !== 'side') quotedNumbers(inner, `${path}.${key}`, found);
  return found;
}

const allSteps = ({ intervals }: OutputTrace): StepTrace[] => intervals.flatMap(({ steps }) => steps);

/** One run a profile: each is a shader that the software adapter compiles for seconds. */
const cases: [string, Partial<DataflowSettings>][] = [
  ['hopper-wgmma', { k: 300, m: 3, n: 5 }],
  ['ada-mma', { accumulator: 'ada-mma', formatB: 'e5m2', k: 128, m: 2, n: 2, distribution: 'log-normal' }],
  ['blackwell', { accumulator: 'blackwell', k: 128, m: 2, n: 2, granularityB: '1x32', granularityA: '1x32' }],
  ['exact', { accumulator: 'exact', k: 160, m: 2, n: 2, powerOfTwo: true, dialect: 'ieee', out: 'bf16' }],
  [
    'custom',
    {
      accumulator: 'custom',
      products: 8,
      fractionBits: 9,
      outputBits: 10,
      k: 96,
      m: 2,
      n: 3,
      promotion: 'transformer-engine',
      distribution: 'outlier-channels',
    },
  ],
];

describe.each(cases)('%s', (_, change) => {
  const settings = { ...defaultSettings, ...change };
  let run: DataflowRun;
  let traces: OutputTrace[];

  test('the GPU runs it, and every output can be traced', async () => {
    run = await runDataflow(context, settings);
    traces = Array.from({ length: settings.m * settings.n }, (_, i) =>
      traceOutput(run, Math.floor(i / settings.n), i % settings.n),
    );
    expect(traces).toHaveLength(settings.m * settings.n);
  });

  test('kernel and oracle give the same number wherever both give one', () => {
    const quoted = traces.flatMap((trace) => quotedNumbers(trace, `${trace.row},${trace.col}`));
    const compared = quoted.filter(([, { oracle }]) => oracle !== undefined);
    // amax, scale, factor, every code; partial sums; accumulators; the output.
    for (const place of ['.amax', '.scale', '.factor', '.code', '.partial', '.after', '.sum', '.output'])
      expect(
        compared.some(([path]) => path.endsWith(place)),
        place,
      ).toBe(true);
    expect(compared.filter(([, number]) => !agrees(number)).map(([path]) => path)).toEqual([]);
  });

  test("a step's kept bits are its oracle's sum, and the lost ones its error", () => {
    const { fractionBits } = profileOf(settings);
    for (const step of traces.flatMap(allSteps)) {
      expect(total(step.terms.map(({ kept }) => kept))).toBe(step.kept);
      expect(total([step.after, step.lostInAlignment, step.lostInRounding])).toBe(step.exact);
      for (const { significand, exponent, fractionBits: bits, value, kept, lost } of step.terms) {
        expect(significand * 2 ** (exponent - bits)).toBe(value);
        expect(kept + lost).toBe(value);
        // Cut off toward zero, by less than a unit.
        expect(Math.abs(kept)).toBeLessThanOrEqual(Math.abs(value));
        expect(Math.abs(lost)).toBeLessThan(step.alignment?.unit ?? Number.MIN_VALUE);
      }
      if (fractionBits === Infinity) expect(step.alignment).toBeUndefined();
      else
        expect(step.alignment?.largest).toBe(
          Math.max(...step.terms.filter(({ value }) => value !== 0).map(({ exponent }) => exponent)),
        );
    }
  });

  test('every stage takes up what the one before it left', () => {
    const [restoredA, restoredB] = [run.a, run.b].map(({ kernel }) => dequantize(kernel));
    for (const trace of traces) {
      for (const [side, restored] of [
        [trace.a, restoredA],
        [trace.b, restoredB],
      ] as const)
        for (const element of side.elements)
          expect(Math.fround(element.restored.value)).toBe(restored?.data[side.row * settings.k + element.k]);
      const steps = allSteps(trace);
      expect(steps.flatMap(({ terms }) => terms.map(({ k }) => k)).filter((k) => k !== 'sum')).toEqual(
        Array.from({ length: settings.k }, (_, k) => k),
      );
      for (const term of steps.flatMap(({ terms }) => terms)) {
        if (term.k === 'sum') continue;
        const [x, y] = [trace.a.elements[term.k], trace.b.elements[term.k]];
        expect(term.value).toBe((x?.decoded.value ?? NaN) * (y?.decoded.value ?? NaN));
      }
      for (const [i, interval] of trace.intervals.entries()) {
        expect(interval.steps.at(-1)?.after).toBe(interval.partial.value);
        expect(interval.before.value).toBe(i === 0 ? 0 : trace.intervals[i - 1]?.after.value);
      }
      expect(trace.sum.value).toBe(trace.intervals.at(-1)?.after.value);
    }
  });
});

test('where a kernel errs, the trace says so, and where', async () => {
  const settings = { ...defaultSettings, k: 128, m: 1, n: 1 };
  const run = await runDataflow(context, settings);
  const scales = Float32Array.of((run.a.oracle.scales[0] as number) * 2);
  const wrong = {
    ...run,
    a: { ...run.a, oracle: Object.create(run.a.oracle, { scaleValues: { value: () => scales } }) },
  };
  const disagreeing = quotedNumbers(traceOutput(wrong, 0, 0), '')
    .filter(([, number]) => !agrees(number))
    .map(([path]) => path);
  expect(disagreeing).toContain('.a.tiles.0.scale');
  expect(disagreeing.every((path) => path.startsWith('.a.') || path.endsWith('.scaleA'))).toBe(true);
});

test('every named profile can be shown', () => {
  for (const accumulator of Object.keys(profiles) as (keyof typeof profiles)[])
    expect(profileOf({ ...defaultSettings, accumulator })).toBe(profiles[accumulator]);
});
