import { expect, test } from 'vitest';
import { dataflowByName } from '../../src/traffic/dataflow.js';
import { trafficProblem } from '../../src/traffic/problem.js';
import { totalBytes, trafficOf } from '../../src/traffic/traffic.js';
import { octile, octileJson } from '../cli/octile.js';

interface Printed {
  readonly dataflows: readonly {
    readonly name: string;
    readonly bytes: Record<string, { read: number; write: number }>;
  }[];
}

test('octile traffic prints what the model counts', async () => {
  const printed = await octileJson<Printed>(['traffic', '128', '7168', '2048', '--a-type', 'f32']);
  const problem = trafficProblem({ m: 128, n: 7168, k: 2048, aType: 'f32' });
  expect(printed.dataflows.map(({ name }) => name)).toContain('separate');
  for (const { name, bytes } of printed.dataflows)
    for (const level of ['memory', 'workgroup'] as const)
      for (const way of ['read', 'write'] as const)
        expect(bytes[level]?.[way]).toBe(totalBytes(trafficOf(problem, dataflowByName(name)), level, way));
});

test('tables have units, and sizes that do not fit are wrong usage', async () => {
  const { status, stdout } = await octile(['traffic', '64', '64', '256', '--stages']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Megabytes\n/m);
  expect(stdout).toMatch(/^cast +memory +read +values +32,768 bytes$/m);
  const wrong = await octile(['traffic', '64', '64', '256', '--tile', '64x64']);
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
});
