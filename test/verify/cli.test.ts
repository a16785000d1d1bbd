import { expect, test } from 'vitest';
import type { CheckReport } from '../../src/verify/verify.js';
import { octile, octileJson } from '../cli/octile.js';

interface VerifyResult {
  readonly command: string;
  readonly adapter: { name: string; kind: string; reason: string };
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly checks: CheckReport[];
}

test('verify --kernel checks that kernel alone and counts what it compared', async () => {
  const result = await octileJson<VerifyResult>(['verify', '--kernel', 'stepwise', '--adapter', 'software']);
  expect(result).toMatchObject({
    command: 'verify',
    adapter: { kind: 'software' },
    passed: 1,
    failed: 0,
    skipped: 0,
    checks: [{ name: 'gemm stepwise, hopper-wgmma', status: 'passed', mismatches: 0 }],
  });
  // Outputs of 67 x 70, 9 x 17 and 1 x 3.
  expect(result.checks[0]?.checked).toBe(67 * 70 + 9 * 17 + 3);
});

test('verify refuses what computes nothing and what does not exist', async () => {
  const nothing = await octile(['verify', '--adapter', 'null']);
  expect([nothing.status, nothing.stdout]).toEqual([2, '']);
  expect(nothing.stderr).toContain('null adapter computes nothing');
  const unknown = await octile(['verify', '--kernel', 'fastest']);
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toMatch(/portable, emulated, stepwise/);
});
