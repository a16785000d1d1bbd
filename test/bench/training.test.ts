/** @file The cases of a training step: groups and casts, each checked before it is timed. */

import { expect, test } from 'vitest';
import { runBench } from '../../bench/run.js';
import { type CastCase, caseName, type GroupedCase, suite } from '../../bench/suites.js';
import { openTestGpu } from '../adapter.js';
import { replaced, withDefect } from '../verify/defect.js';

const gpu = await openTestGpu();

const cast: CastCase = { kind: 'cast', cast: 'fused', m: 5, n: 70, k: 300, out: 'f32' };
const rows: GroupedCase = {
  ...{ kind: 'grouped', grouping: 'rows', groups: 3, size: 128, capacity: 128 },
  ...{ n: 128, other: 200, out: 'f32' },
};
const masked: GroupedCase = { ...rows, grouping: 'masked', size: 20 };
const alongK: GroupedCase = { ...rows, grouping: 'k', other: 40 };

test('each kind is checked and measured', async () => {
  const cases = [cast, { ...cast, cast: 'separate' } as const, rows, masked, alongK];
  const records = await runBench(gpu, cases);
  expect(records.map(({ name }) => name)).toEqual(cases.map(caseName));
  for (const record of records) {
    expect(record).toMatchObject({ status: 'measured' });
    expect(record).toHaveProperty('tflops', expect.any(Number));
    // Sums in f32 of normal values, and not none of them.
    expect(record).toHaveProperty('error', expect.closeTo(1e-6, 5));
  }
});

test('a way to cast that the adapter does not have is skipped, with the reason', async () => {
  const [record] = await runBench(gpu, [{ ...cast, cast: 'pass' }]);
  const reason = expect.stringMatching(/cannot quantise this in a pass that makes halves/);
  expect(record).toMatchObject({ status: 'skipped', reason });
});

test('a cast with wrong scales, and groups that multiply the weights of others, are failures', async () => {
  const [wrongCast] = await withDefect(
    gpu,
    replaced('slot_scale[own] = bitcast<f32>(scale);', 'slot_scale[own] = 2.0 * bitcast<f32>(scale);'),
    () => runBench(gpu, [cast]),
  );
  expect(wrongCast).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^D\(\d+, \d+\) is/) });
  const [wrongGroup] = await withDefect(gpu, replaced('row_tile.group * params.cols', '0u'), () =>
    runBench(gpu, [rows]),
  );
  expect(wrongGroup).toMatchObject({ status: 'failed', reason: expect.stringMatching(/ of group 1 is /) });
});

test('on a software adapter the large ones are skipped, with the reason', async () => {
  const large = suite('grouped').filter(({ kind }) => kind === 'grouped');
  const records = await runBench(gpu, large);
  expect(records.map(({ status }) => status)).toEqual(large.map(() => 'skipped'));
  for (const record of records)
    expect(record).toHaveProperty('reason', expect.stringMatching(/software adapter/));
});
