import { describe, expect, test } from 'vitest';
import { parseProduct, productName, productsOf, suiteNames, suitesFor } from '../../bench/peers/cases.js';
import { libraryNames, openPeers } from '../../bench/peers/index.js';
import { type InterleaveOptions, interleave } from '../../bench/peers/interleave.js';
import { lendDevice } from '../../bench/peers/lend-device.js';
import { octilePeers } from '../../bench/peers/octile.js';
import peersManifest from '../../bench/peers/package.json' with { type: 'json' };
import type { Peer, PreparedPeer } from '../../bench/peers/peer.js';
import { isMeasured, type PeerRecord } from '../../bench/peers/record.js';
import { runPeers } from '../../bench/peers/run.js';
import type { Weights } from '../../bench/peers/weights.js';
import manifest from '../../package.json' with { type: 'json' };
import { ArgumentError, UnsupportedError } from '../../src/errors.js';
import { openTestGpu } from '../adapter.js';
import { replaced, withDefect } from '../verify/defect.js';

const gpu = await openTestGpu();
const product = { m: 8, n: 16, k: 128 };

/** A library that multiplies on the CPU: `alter` may spoil what it prepares. */
function cpuPeer(
  name: string,
  alter: (prepared: PreparedPeer) => PreparedPeer = (prepared) => prepared,
): Peer {
  return {
    name,
    library: 'cpu 1.0.0',
    precision: 'f32 by f32 to f32',
    timed: 'nothing to speak of',
    unfit: () => undefined,
    async prepare(operands) {
      const { m, n, k } = operands.product;
      const [a, b] = [await operands.host('a'), await operands.host('b')];
      const multiply = () =>
        Float32Array.from({ length: m * n }, (_, i) => {
          let sum = 0;
          for (let j = 0; j < k; j++)
            sum += (a[Math.floor(i / n) * k + j] as number) * (b[j * n + (i % n)] as number);
          return sum;
        });
      return alter({
        run: async () => {},
        result: async () => multiply(),
        oracle: { a: 'f32', b: 'f32', sums: 'f32', out: 'f32' },
        dispose() {},
      });
    },
  };
}

const statuses = (records: readonly PeerRecord[]) => records.map(({ name, status }) => [name, status]);
const reasonOf = (records: readonly PeerRecord[], name: string) => {
  const found = records.find((record) => record.name === name);
  return found && !isMeasured(found) ? found.reason : undefined;
};

describe('a run', () => {
  test('makes weights once for products that share them, and leaves none behind', async () => {
    const seen: Weights[] = [];
    const peer = cpuPeer('cpu');
    const looking: Peer = {
      ...peer,
      prepare(operands) {
        seen.push(operands.weights);
        return peer.prepare(operands);
      },
    };
    const products = [product, { ...product, m: 1 }, { m: 1, n: 8, k: 128 }];
    const records = await runPeers(gpu, [looking], products);
    expect(records.map(({ status }) => status)).toEqual(['measured', 'measured', 'measured']);
    const [first, second, third] = seen;
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(seen.map(({ codes }) => codes.disposed)).toEqual([true, true, true]);
  });

  test("octile's own kernels have to be exact on whole numbers", async () => {
    const short = replaced('step < place.end_step;', 'step + STEP_SEGMENTS < place.end_step;');
    const records = await withDefect(gpu, short, () => runPeers(gpu, octilePeers(['portable']), [product]));
    expect(statuses(records)).toEqual([
      ['portable', 'failed'],
      ['portable with A quantised', 'failed'],
    ]);
    for (const { name } of records) expect(reasonOf(records, name)).toMatch(/of whole numbers is /);
  });

  test('measures who is right, in the order asked for, and says why others are not', async () => {
    let disposed = 0;
    const counted = (prepared: PreparedPeer): PreparedPeer => ({ ...prepared, dispose: () => disposed++ });
    const seen: PeerRecord[] = [];
    const peers: Peer[] = [
      ...octilePeers(['portable']),
      { ...cpuPeer('unfit'), unfit: () => 'it needs more' },
      cpuPeer('wrong', (prepared) =>
        counted({ ...prepared, result: async () => (await prepared.result()).fill(1) }),
      ),
      cpuPeer('right', counted),
      {
        ...cpuPeer('unable'),
        prepare: async () => {
          throw new Error('no room');
        },
      },
      cpuPeer('late', (prepared) => ({
        ...prepared,
        run: async () => {
          throw new Error('gave up');
        },
      })),
    ];
    const records = await runPeers(gpu, peers, [product], { onProduct: (made) => seen.push(...made) });
    expect(seen).toEqual(records);
    expect(statuses(records)).toEqual([
      ['portable', 'measured'],
      ['portable with A quantised', 'measured'],
      ['unfit', 'skipped'],
      ['wrong', 'failed'],
      ['right', 'measured'],
      ['unable', 'skipped'],
      ['late', 'failed'],
    ]);
    expect(disposed).toBe(2);
    expect(reasonOf(records, 'unfit')).toBe('it needs more');
    expect(reasonOf(records, 'wrong')).toMatch(/^D\(0, 0\) is 1, not /);
    expect(reasonOf(records, 'unable')).toBe('no room');
    expect(reasonOf(records, 'late')).toBe('gave up');
    expect(JSON.parse(JSON.stringify(records))).toEqual(records);
    for (const record of records.filter(isMeasured)) {
      expect(record).toMatchObject({ product, samples: expect.any(Number) });
      expect(record.samples).toBeGreaterThanOrEqual(3);
      expect(record.tflops * 1e6 * record.median).toBeCloseTo(2 * 8 * 16 * 128, 6);
      expect(record.error).toBeLessThan(1e-5);
    }
    expect(records[0]).toMatchObject({ kernel: 'portable' });
  });

  test('takes what the device complains about for the reason', async () => {
    const peer = cpuPeer('careless', (prepared) => ({
      ...prepared,
      async result() {
        gpu.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
        return prepared.result();
      },
    }));
    const records = await runPeers(gpu, [peer], [product]);
    expect(statuses(records)).toEqual([['careless', 'skipped']]);
    expect(reasonOf(records, 'careless')).toMatch(/usage/i);
  });

  test('ends by its signal with the products that are done', async () => {
    const stop = new AbortController();
    const records = await runPeers(gpu, [cpuPeer('cpu')], [product, { ...product, m: 1 }], {
      signal: stop.signal,
      onProduct: () => stop.abort(),
    });
    expect(records.map(({ product }) => product.m)).toEqual([8]);
  });

  test('skips what a software adapter would take minutes for, and what no buffer holds', async () => {
    const [large, long] = await runPeers(
      gpu,
      [cpuPeer('cpu')],
      [
        { m: 8192, n: 8192, k: 8192 },
        { m: 1, n: 1, k: 2 ** 29 },
      ],
    );
    expect(large).toMatchObject({ status: 'skipped', reason: expect.stringContaining('software adapter') });
    expect(long).toMatchObject({ status: 'skipped', reason: expect.stringMatching(/bytes in one buffer/) });
  });

  test('needs peers and an adapter that computes', async () => {
    await expect(runPeers(gpu, [], [product])).rejects.toThrow(ArgumentError);
    await expect(runPeers(await openTestGpu('null'), [cpuPeer('cpu')], [product])).rejects.toThrow(
      UnsupportedError,
    );
  });
});

describe('taking turns', () => {
  const options: InterleaveOptions = {
    warmUp: 0,
    settle: 0,
    sample: 0,
    leastRounds: 3,
    mostRounds: 3,
    budget: 0,
  };

  test('is one sample each, round by round', async () => {
    const order: string[] = [];
    const contestant = (name: string) => ({ run: async () => void order.push(name) });
    const samples = await interleave(gpu, ['a', 'b', 'c'].map(contestant), options);
    expect(samples.map((one) => 'microseconds' in one && one.microseconds.length)).toEqual([3, 3, 3]);
    // One run to warm up; then for each sample a run to begin with and one that counts.
    expect(order.join('')).toBe(`abc${'aabbcc'.repeat(3)}`);
  });

  test('goes on without one that throws', async () => {
    let runs = 0;
    const broken = {
      async run() {
        if (++runs === 3) throw new Error('out of it');
      },
    };
    const [bad, good] = await interleave(gpu, [broken, { run: async () => {} }], options);
    expect(bad).toEqual({ error: new Error('out of it') });
    expect(good).toEqual({ microseconds: [expect.any(Number), expect.any(Number), expect.any(Number)] });
  });

  test('warms the GPU up by the first that can run, and lets the others settle', async () => {
    const runs: string[] = [];
    const broken = { run: () => Promise.reject(new Error('out of it')) };
    const working = ['first', 'second'].map((name) => ({ run: async () => void runs.push(name) }));
    await interleave(gpu, [broken, ...working], { ...options, warmUp: 30 });
    const count = (wanted: string) => runs.filter((name) => name === wanted).length;
    // Beside six for the samples: as many as warming up takes, and one.
    expect(count('first')).toBeGreaterThan(7);
    expect(count('second')).toBe(7);
  });

  test('ends by the reason of its signal', () =>
    expect(
      interleave(gpu, [{ run: async () => {} }], {
        ...options,
        signal: AbortSignal.abort(new Error('enough')),
      }),
    ).rejects.toThrow('enough'));
});

describe('the lent device', () => {
  test('is what libraries get, while it is lent', async () => {
    const before = globalThis.navigator?.gpu;
    const device = await lendDevice(gpu, async () => {
      const adapter = await navigator.gpu.requestAdapter();
      expect(adapter?.features).toBe(gpu.device.features);
      return adapter?.requestDevice();
    });
    expect(device).toBe(gpu.device);
    expect(globalThis.navigator.gpu).toBe(before);
    await expect(lendDevice(gpu, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(globalThis.navigator.gpu).toBe(before);
  });

  test('says of matrix units what its adapter says', async () => {
    const subgroupMatrixConfigs = [
      { M: 16, N: 16, K: 16, componentType: 'f16', resultComponentType: 'f16' },
    ] as const;
    const { adapter } = gpu.adapter;
    const own = adapter.info;
    try {
      Object.defineProperty(adapter, 'info', { value: { subgroupMatrixConfigs }, configurable: true });
      const told = await lendDevice(gpu, async () => {
        const device = await (await navigator.gpu.requestAdapter())?.requestDevice();
        return device?.adapterInfo;
      });
      expect(told).toEqual({ subgroupMatrixConfigs });
    } finally {
      Object.defineProperty(adapter, 'info', { value: own, configurable: true });
      await lendDevice(gpu, async () => {});
    }
    expect(gpu.device.adapterInfo.vendor).toBe(own.vendor);
  });

  test('is of the global classes, whoever defined them before', async () => {
    const { GPUBuffer: before } = globalThis;
    const buffer = gpu.buffer('one', 16);
    try {
      Object.defineProperty(globalThis, 'GPUBuffer', { value: class {}, configurable: true });
      expect(buffer).not.toBeInstanceOf(GPUBuffer);
      await lendDevice(gpu, async () => {});
      expect(buffer).toBeInstanceOf(GPUBuffer);
      expect(gpu.device).toBeInstanceOf(GPUDevice);
    } finally {
      buffer.destroy();
      Object.defineProperty(globalThis, 'GPUBuffer', { value: before, configurable: true, writable: true });
    }
  });

  test('takes views of shared memory, from any place in them', async () => {
    const shared = new Uint32Array(new SharedArrayBuffer(64)).map((_, i) => i);
    const view = new Uint32Array(new SharedArrayBuffer(64), 8, 12);
    view.set(shared.subarray(0, 12));
    const written = async (write: (buffer: GPUBuffer) => void) => {
      const buffer = gpu.buffer('written', 48);
      write(buffer);
      const words = new Uint32Array(await gpu.read(buffer));
      buffer.destroy();
      return [...words];
    };
    const { queue } = gpu.device;
    const zeros = (count: number) => Array.from({ length: count }, () => 0);
    expect(await written((buffer) => queue.writeBuffer(buffer, 0, view))).toEqual([...view]);
    expect(await written((buffer) => queue.writeBuffer(buffer, 4, view, 3, 2))).toEqual([
      0,
      3,
      4,
      ...zeros(9),
    ]);
    expect(await written((buffer) => queue.writeBuffer(buffer, 0, view.buffer, 12, 8))).toEqual([
      1,
      2,
      ...zeros(10),
    ]);
    const plain = Uint32Array.from(view);
    expect(await written((buffer) => queue.writeBuffer(buffer, 0, plain, 10))).toEqual([
      10,
      11,
      ...zeros(10),
    ]);
  });
});

describe('products', () => {
  test('of every suite are well formed, each once', () => {
    for (const name of suiteNames) {
      const products = productsOf([name]);
      expect(new Set(products.map(productName)).size).toBe(products.length);
      // Libraries take dense rows, and MatMulNBits blocks of 32.
      for (const { m, n, k } of products) expect([m >= 1, n % 8, k % 32]).toEqual([true, 0, 0]);
    }
    expect(productsOf(['squares']).map(({ n }) => n)).toEqual([256, 512, 1024, 2048, 4096, 8192]);
    expect(productsOf(['deepseek'])).toHaveLength(7);
    expect(new Set(productsOf(['rows']).map(({ m }) => m))).toEqual(new Set([1, 16, 128]));
    expect(productsOf(suitesFor('hardware')).length).toBeLessThan(
      suitesFor('hardware').flatMap((name) => productsOf([name])).length,
    );
    expect(() => productsOf(['huge'])).toThrow(ArgumentError);
  });

  test('are read as people write them', () => {
    expect(parseProduct('1x64×128')).toEqual({ m: 1, n: 64, k: 128 });
    for (const text of ['64x64', '0x1x1', '1x1x1x1', 'axbxc', '1x1x99999999', '', '1.5x1x1'])
      expect(() => parseProduct(text)).toThrow(/M x N x K/);
  });
});

describe('libraries', () => {
  test('are known by name, and one that is not there is said to be absent', async () => {
    expect(libraryNames).toEqual(['jax', 'onnxruntime', 'tfjs']);
    const { peers, absent } = await openPeers(gpu, ['cublas']);
    expect(peers).toEqual([]);
    expect(absent).toEqual([
      { library: 'cublas', reason: expect.stringContaining('jax, onnxruntime, tfjs') },
    ]);
  });

  test('are no burden to octile, and have one version each', () => {
    const own = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(peersManifest.dependencies)) {
      expect(own).not.toHaveProperty([name]);
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});
