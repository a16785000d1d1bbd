/** @file Choosing an adapter, with sources that only claim to have one. */

import process from 'node:process';
import { describe, expect, test, vi } from 'vitest';
import { AdapterError } from '../../src/errors.js';
import { adapterName, browserSource } from '../../src/gpu/browser.js';
import { chooseAdapter } from '../../src/gpu/choose.js';
import { nullSource } from '../../src/gpu/null.js';
import { softwareSource } from '../../src/gpu/software.js';
import type { AdapterSource } from '../../src/gpu/source.js';
import { adapterSources } from '../../src/node.js';

/** A source with an adapter of that description, or one that refuses with a sentence. */
function fake(
  name: AdapterSource['name'],
  kind: AdapterSource['kind'],
  answer: { adapter: string; fallback?: boolean } | { refuses: string },
) {
  const request = vi.fn(async () => {
    if ('refuses' in answer) return answer.refuses;
    const { adapter, fallback = false } = answer;
    const info = {
      description: adapter,
      vendor: '',
      architecture: '',
      device: '',
      isFallbackAdapter: fallback,
    };
    return { info } as GPUAdapter;
  });
  return { name, kind, request } satisfies AdapterSource;
}

const browser = () => fake('browser', 'hardware', { refuses: 'no WebGPU in this browser' });
const gpu = () => fake('node', 'hardware', { adapter: 'Fast GPU 3000' });
const noGpu = () => fake('node', 'hardware', { refuses: 'no native GPU found' });
const software = () => fake('software', 'software', { adapter: 'SwiftShader driver' });
const compiler = () => fake('null', 'null', { adapter: 'Null backend' });

describe('auto', () => {
  test('takes the first source that has one and asks no further', async () => {
    const sources = [gpu(), software(), compiler()];
    const chosen = await chooseAdapter(sources);
    expect(chosen).toMatchObject({
      name: 'Fast GPU 3000',
      source: 'node',
      kind: 'hardware',
      reason: 'the fastest there is',
    });
    expect(sources[0]?.request).toHaveBeenCalledWith(undefined);
    expect(sources[1]?.request).not.toHaveBeenCalled();
  });

  test('says why not a faster one', async () => {
    const chosen = await chooseAdapter([browser(), noGpu(), software()]);
    expect(chosen).toMatchObject({
      name: 'SwiftShader driver',
      reason: 'no WebGPU in this browser; no native GPU found',
    });
  });

  test('never takes the null backend, and lists every answer where there is nothing else', async () => {
    const sources = [browser(), noGpu(), compiler()];
    const error = await chooseAdapter(sources).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AdapterError);
    expect((error as Error).message).toBe(
      'no WebGPU adapter (auto). Tried:\n  - no WebGPU in this browser\n  - no native GPU found',
    );
    expect(sources[2]?.request).not.toHaveBeenCalled();
  });
});

describe('by kind', () => {
  test('software passes a GPU by', async () => {
    const sources = [gpu(), software()];
    expect(await chooseAdapter(sources, 'software')).toMatchObject({
      kind: 'software',
      reason: 'asked for as "software"',
    });
    expect(sources[0]?.request).not.toHaveBeenCalled();
  });

  test('hardware fails where there is none, though there is software', async () => {
    const sources = [browser(), noGpu(), software()];
    await expect(chooseAdapter(sources, 'hardware')).rejects.toThrow(
      'no WebGPU adapter (hardware). Tried:\n  - no WebGPU in this browser\n  - no native GPU found\n' +
        'adapters are chosen by auto, hardware, software or a part of a name',
    );
    expect(sources[2]?.request).not.toHaveBeenCalled();
  });

  test('null takes the compiler alone', async () => {
    expect(await chooseAdapter([gpu(), software(), compiler()], 'null')).toMatchObject({ kind: 'null' });
  });

  test('a fallback adapter is software, whoever offers it', async () => {
    const fallback = () => fake('browser', 'hardware', { adapter: 'Renderer on a CPU', fallback: true });
    expect(await chooseAdapter([fallback()])).toMatchObject({ kind: 'software', source: 'browser' });
    await expect(chooseAdapter([fallback()], 'hardware')).rejects.toThrow(
      'the only browser adapter is a software one (Renderer on a CPU)',
    );
  });

  test('a browser is not asked for a kind: it chooses for itself', async () => {
    const sources = [browser()];
    await expect(chooseAdapter(sources, 'software')).rejects.toThrow(
      'Tried:\n  - the browser chooses its adapter for itself and cannot be asked for software; leave the choice to auto\n',
    );
    expect(sources[0]?.request).not.toHaveBeenCalled();
  });

  test('a kind no source has', async () => {
    await expect(chooseAdapter([gpu()], 'null')).rejects.toThrow('Tried:\n  - nothing\n');
  });
});

describe('by name', () => {
  test('a part of it in any case is enough; the source is told', async () => {
    const sources = [gpu(), software()];
    expect(await chooseAdapter(sources, 'swiftSHADER')).toMatchObject({
      name: 'SwiftShader driver',
      reason: 'asked for as "swiftSHADER"',
    });
    expect(sources[0]?.request).toHaveBeenCalledWith('swiftSHADER');
  });

  test('a name that nothing has lists what there is', async () => {
    await expect(chooseAdapter([gpu(), software(), compiler()], 'Radeon')).rejects.toThrow(
      'no WebGPU adapter (Radeon). Tried:\n' +
        '  - the hardware adapter "Fast GPU 3000" does not match "Radeon"\n' +
        '  - the software adapter "SwiftShader driver" does not match "Radeon"\n' +
        'adapters are chosen by auto, hardware, software or a part of a name',
    );
  });
});

test('an adapter without a description is named by vendor and architecture', () => {
  const named = (info: object) => adapterName({ info } as GPUAdapter);
  expect(named({ description: 'A', vendor: 'v', architecture: 'a' })).toBe('A');
  expect(named({ description: '', vendor: 'nvidia', architecture: 'ampere' })).toBe('nvidia ampere');
  expect(named({ description: '', vendor: 'v', architecture: '', device: 'd' })).toBe('v d');
  expect(named({ description: '', vendor: '', architecture: '', device: '' })).toBe('unnamed adapter');
});

test('Node asks in the order of speed', () => {
  expect(adapterSources().map(({ name }) => name)).toEqual(['node', 'software', 'null']);
});

describe('in a browser', () => {
  const request = async (navigator: object, secure = true, name?: string) => {
    vi.stubGlobal('navigator', navigator);
    vi.stubGlobal('isSecureContext', secure);
    try {
      return await browserSource.request(name);
    } finally {
      vi.unstubAllGlobals();
    }
  };
  const info = { description: '', vendor: 'apple', architecture: 'metal-3', device: '' };
  const offering = (adapter: object | null) => ({ gpu: { requestAdapter: async () => adapter } });

  test('its adapter is taken, by name too', async () => {
    expect(await request(offering({ info }))).toMatchObject({ info });
    expect(await request(offering({ info }), true, 'Apple')).toMatchObject({ info });
  });

  test('every refusal says what to do', async () => {
    expect(await request({})).toMatch(/this browser has no WebGPU: use a current Chrome/);
    expect(await request({}, false)).toMatch(/serve the page over https or from localhost/);
    expect(await request(offering(null))).toMatch(/offers no adapter.*chrome:\/\/gpu/);
    expect(await request(offering({ info }), true, 'nvidia')).toBe(
      'the browser offers "apple metal-3" only, which does not match "nvidia"',
    );
  });
});

test('the null backend is there on every machine', async () => {
  const chosen = await chooseAdapter([nullSource], 'null');
  expect(chosen.kind).toBe('null');
  expect(chosen.adapter.features.has('shader-f16')).toBe(true);
});

test('requests for the software adapter at once leave the environment as it was', async () => {
  const before = process.env.VK_ICD_FILENAMES;
  const found = await Promise.all([softwareSource.request(), softwareSource.request()]);
  expect(found.map((adapter) => typeof adapter)).toEqual(['object', 'object']);
  expect(process.env.VK_ICD_FILENAMES).toBe(before);
});
