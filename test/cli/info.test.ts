import { expect, test } from 'vitest';
import { formats } from '../../src/format/formats.js';
import { octile } from './octile.js';

interface Info {
  readonly adapter: { name: string; kind: string; reason: string };
  readonly features: string[];
  readonly limits: Record<string, number>;
  readonly formats: { name: string; bits: number; largest: number }[];
  readonly kernels: { name: string; runs: boolean; reason?: string }[];
  readonly versions: Record<string, string>;
}

test('info says what was taken and why, for people and for programs', async () => {
  const [json, text, empty] = await Promise.all([
    octile(['info', '--adapter', 'software', '--json']),
    octile(['info', '--adapter', 'software']),
    octile(['info', '--adapter', 'null', '--json']),
  ]);
  for (const { status, stdout, stderr } of [json, text, empty]) {
    expect(status).toBe(0);
    expect(stderr).toMatch(/^adapter: .+ \((software|null)\): asked for as "(software|null)"\n$/);
    expect(stdout + stderr).not.toContain('\u001b');
  }

  const info = JSON.parse(json.stdout) as Info;
  expect(info.adapter).toMatchObject({ kind: 'software', reason: 'asked for as "software"' });
  expect(info.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
  expect(info.formats.map(({ name }) => name)).toEqual(Object.keys(formats));
  expect(info.formats[0]).toMatchObject({ name: 'e4m3', bits: 8, largest: 448 });
  expect(info.versions.node).toBe(process.versions.node);
  expect(info.kernels.find(({ name }) => name === 'portable')).toMatchObject({ runs: true });
  for (const { name, runs, reason } of info.kernels)
    expect(reason === undefined, `${name} runs or says why not`).toBe(runs);

  for (const part of [info.adapter.name, 'maxBufferSize', 'portable', 'e4m3', info.versions.octile])
    expect(text.stdout).toContain(part);

  // The null adapter has features that the software adapter lacks, which shows in what can run.
  expect((JSON.parse(empty.stdout) as Info).features).toContain('shader-f16');
});

test('an adapter that is not there is a failure that lists what was tried', async () => {
  const { status, stdout, stderr } = await octile(['info', '--adapter', 'nothing-like-it', '--json']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^error: no WebGPU adapter \(nothing-like-it\)/);
  expect(stderr).toMatch(/does not match "nothing-like-it"/);
  expect(stderr).not.toMatch(/^\s+at /m);
});
