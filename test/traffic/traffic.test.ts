import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import { dataflowByName, dataflows } from '../../src/traffic/dataflow.js';
import { type TrafficOptions, trafficProblem } from '../../src/traffic/problem.js';
import {
  conversionKinds,
  levels,
  type Traffic,
  totalBytes,
  totalConversions,
  trafficOf,
} from '../../src/traffic/traffic.js';
import { type Counts, walk } from './walk.js';

/** What the model says, by the walk's names; what is zero is left out. */
function modelled(traffic: Traffic): Counts {
  const bytes = levels.flatMap((level) =>
    (['read', 'write'] as const).map(
      (direction) => [`${level} ${direction}`, totalBytes(traffic, level, direction)] as const,
    ),
  );
  const counts = conversionKinds.map((what) => [what, totalConversions(traffic, what)] as const);
  return Object.fromEntries([...bytes, ...counts].filter(([, amount]) => amount > 0));
}

/** Ragged in every direction, tiles that cut scale tiles, and each granularity and form once. */
const cases: TrafficOptions[] = [
  { m: 70, n: 150, k: 300, tile: [64, 64, 32], fragment: [8, 8] },
  { m: 33, n: 65, k: 130, tile: [32, 64, 16], fragment: [32, 16], aType: 'f32', out: 'f32', stored: 'f16' },
  { m: 40, n: 300, k: 96, granularityA: '1x32', granularityB: '1x32', formatA: 'e2m1', formatB: 'e2m3' },
  {
    m: 40,
    n: 200,
    k: 200,
    granularityA: 'row',
    granularityB: 'tensor',
    tile: [16, 192, 64],
    fragment: [16, 64],
  },
  { m: 9, n: 8, k: 256, granularityA: 'tensor', granularityB: '1x128', interval: 64, stored: 'f32' },
  { m: 100, n: 90, k: 64, tile: [48, 40, 16], fragment: [32, 24], out: 'f16' },
  { m: 300, n: 20, k: 128, granularityA: '128x128', tile: [96, 16, 128], fragment: [32, 16] },
];

describe.each(dataflows)('$name', (dataflow) => {
  test.each(cases)('moves and converts what a walk of the tiles counts: %j', (options) => {
    const problem = trafficProblem(options);
    expect(modelled(trafficOf(problem, dataflow))).toEqual(walk(problem, dataflow));
  });
});

test("today's cast moves what the report says, and the others less", () => {
  // 128 bf16 values: 256 bytes read, 128 written, 128 read again.
  const problem = trafficProblem({ m: 1, n: 1, k: 128 });
  const activations = (name: string) =>
    trafficOf(problem, dataflowByName(name))
      .moves.filter(({ level, what }) => level === 'memory' && /values|codes$|codes of A/.test(what))
      .map(({ direction, bytes }) => [direction, bytes]);
  expect(activations('separate')).toEqual([
    ['read', 256],
    ['write', 128],
    ['read', 128],
  ]);
  expect(activations('fused')).toEqual([['read', 256]]);
  expect(activations('near-memory')).toEqual([['read', 128]]);
});

test('options that do not fit are refused by name', () => {
  const shape = { m: 8, n: 8, k: 128 };
  expect(() => trafficProblem({ ...shape, k: 0 })).toThrow(/^k is 0/);
  expect(() => trafficProblem({ ...shape, m: 1e10 })).toThrow(
    /^m is 10000000000; allowed: .* at most 16777216/,
  );
  expect(() => trafficProblem({ ...shape, fragment: [256, 8] })).toThrow(/^fragment rows is 256/);
  expect(() => trafficProblem({ ...shape, interval: 256 })).toThrow(/^interval is 256; allowed: at most 128/);
  expect(() => dataflowByName('teleport')).toThrow(ArgumentError);
});
