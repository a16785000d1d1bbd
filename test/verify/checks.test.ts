import { describe, expect, test, vi } from 'vitest';
import {
  DeviceLostError,
  DisposedError,
  OutOfMemoryError,
  ShaderError,
  UnsupportedError,
} from '../../src/errors.js';
import type { Format } from '../../src/format/format.js';
import { e2m1, e4m3 } from '../../src/format/formats.js';
import { formatConstant } from '../../src/format/shader.js';
import { stepwise } from '../../src/gemm/emulated/stepwise.js';
import { fusedSkinny } from '../../src/gemm/fused/skinny.js';
import { portable } from '../../src/gemm/portable.js';
import { allGranularityNames } from '../../src/quantize/granularity.js';
import { chooseQuantization } from '../../src/quantize/options.js';
import { type Check, Tally } from '../../src/verify/check.js';
import { emulatorCheck } from '../../src/verify/emulators.js';
import { exhaustiveCheck, exhaustiveChecks } from '../../src/verify/exhaustive-checks.js';
import { formatCheck } from '../../src/verify/formats.js';
import { fusedCheck } from '../../src/verify/fused.js';
import { gemmCheck, gemmChecks, type Product, wholeCheck } from '../../src/verify/gemm.js';
import { quantizeCheck, waysOf } from '../../src/verify/quantize.js';
import { countSteps, runChecks } from '../../src/verify/verify.js';
import { openTestGpu } from '../adapter.js';
import { replaced, withDefect } from './defect.js';

const gpu = await openTestGpu();

/** A check's outcome and how often it ticked. */
async function run(check: Check) {
  let ticks = 0;
  const outcome = await check.run(gpu, () => ticks++);
  return { ...outcome, ticks };
}

test.each(allGranularityNames)(
  'every way to quantise by %s that is checked can be quantised',
  (granularity) => {
    const ways = waysOf(granularity);
    expect(ways.length).toBeGreaterThan(10);
    for (const way of ways) expect(() => chooseQuantization(way)).not.toThrow();
  },
);

const product: Product = {
  shape: [66, 65, 130],
  granularities: ['1x128', '128x128'],
  formats: ['e4m3', 'e4m3'],
  out: 'f32',
};
/** The same check that runChecks makes, in one way instead of 19. */
const quantize = quantizeCheck('1x128', [{ granularity: '1x128', dialect: 'deepgemm' }]);
const gemm = gemmCheck(portable, 'a product', [product]);

test('kernels that round to halves have to multiply whole numbers exactly as well', async () => {
  expect(
    gemmChecks().flatMap(({ name }) => name.match(/gemm (.*), whole numbers, exactly/)?.[1] ?? []),
  ).toEqual(['matrix', 'matrix-half', 'half']);
  const whole = { ...product, whole: true } as const;
  expect(await run(wholeCheck(portable, [whole]))).toMatchObject({ checked: 66 * 65, mismatches: 0 });
  // What is no whole number is off by a rounding.
  const { mismatches } = await run(wholeCheck(portable, [product]));
  expect(mismatches).toBeGreaterThan(0);
});

test('an interrupted run keeps the checks that are done', async () => {
  const stop = new AbortController();
  const reports = await runChecks(gpu, { signal: stop.signal, onReport: () => stop.abort() });
  // Two run at a time: the one beside the first ends as well.
  expect(reports.map(({ status }) => status)).toEqual(['passed', 'passed']);
});

describe('a right adapter', () => {
  test('passes a format, every code and every bf16 counted', async () => {
    const check = formatCheck(e2m1);
    expect(await run(check)).toMatchObject({ checked: 16 + 4 * 65536, mismatches: 0, ticks: check.steps });
  });

  test('passes formats with a bf16 exponent and no mantissa, with and without a zero', async () => {
    // No upper half of an f32, though their exponents are one's.
    const octaves = { name: 'octaves', signBits: 1, exponentBits: 8, mantissaBits: 0, bias: 127 } as const;
    for (const hasZero of [true, false]) {
      const format: Format = { ...octaves, hasZero, specials: 'all-ones-nan' };
      expect(await run(formatCheck(format))).toMatchObject({ mismatches: 0 });
    }
  });

  test('passes a granularity, codes and scales counted', async () => {
    // Two matrices of 19 x 163 with 19 x 2 scales.
    expect(await run(quantize)).toMatchObject({
      checked: 2 * (19 * 163 + 19 * 2),
      mismatches: 0,
      ticks: 1,
    });
  });

  test('passes a kernel, every output counted', async () => {
    expect(await run(gemm)).toMatchObject({ checked: 66 * 65, mismatches: 0, ticks: 1 });
  });
});

describe('an emulator', () => {
  const check = emulatorCheck(stepwise);

  test('passes where every bit is right', async () => {
    // Outputs of 67 x 70, 9 x 17 and 1 x 3.
    expect(await run(check)).toMatchObject({ checked: 67 * 70 + 9 * 17 + 3, mismatches: 0, ticks: 3 });
  });

  test('fails where a sum keeps one bit more', async () => {
    const { mismatches } = await withDefect(
      gpu,
      (shader) => {
        const constants = { ...shader.constants, FRACTION_BITS: 14 };
        return shader.constants.FRACTION_BITS === 13 ? { ...shader, constants } : shader;
      },
      () => run(check),
    );
    expect(mismatches).toBeGreaterThan(0);
  });
});

describe('a defect is found', () => {
  test('in decoding: a bias off by one', async () => {
    const wrong = formatConstant({ ...e4m3, bias: 8 });
    const { mismatches, detail } = await withDefect(
      gpu,
      (shader) => ({
        ...shader,
        constants:
          shader.constants.ENCODE === false ? { ...shader.constants, FORMAT: wrong } : shader.constants,
      }),
      () => run(formatCheck(e4m3)),
    );
    // Every finite code but the two zeros.
    expect(mismatches).toBe(256 - 4);
    expect(detail).toBe('first: code 0x1 decodes to bits 0x3a800000, not 0x3b000000');
  });

  test('in quantising on the way into a product: a magnitude that is not looked at', async () => {
    const { mismatches, detail } = await withDefect(
      gpu,
      replaced('magnitudes_of_eight(values.right)', 'magnitudes_of_eight(values.left)'),
      () => run(fusedCheck(fusedSkinny)),
    );
    expect(mismatches).toBeGreaterThan(0);
    expect(detail).toMatch(/^first: \(\d+, \d+\) of 3x133x320 is .*, not .* ± /);
  });

  test('in encoding: ties away from zero', async () => {
    const { mismatches, detail } = await withDefect(gpu, replaced('((value >> s) & 1u)', '1u'), () =>
      run(formatCheck(e2m1)),
    );
    expect(mismatches).toBeGreaterThan(0);
    expect(mismatches).toBeLessThan(100);
    expect(detail).toMatch(/^first: f32 0x[0-9a-f]+ encodes to .+, not .+ \(nearest-even, saturate\)$/);
  });

  test('in encoding, exhaustively: the codes of 1 to 1 + 2^-7', async () => {
    const check = exhaustiveCheck(e4m3, 'ieee', { from: 0x3f800000, count: 0x10001 });
    expect(await run(check)).toEqual({
      checked: 0x10001,
      mismatches: 0,
      detail: 'f32 0x3f800000 to 0x3f810000, to nearest even',
      ticks: check.steps,
    });
    // The code after that of 1 is that of 1 + 2^-3: nothing up to 1 + 2^-7 may be rounded up.
    const { mismatches, detail } = await withDefect(
      gpu,
      replaced('(1u << (s - 1u)) - 1u', '(1u << s) - 1u'),
      () => run(check),
    );
    expect(mismatches).toBe(0x10000);
    expect(detail).toBe('first: f32 0x3f800001 encodes to 0x39, not 0x38');
  });

  test('in scales: the last bit of the inverse of 448', async () => {
    const { mismatches, detail } = await withDefect(
      gpu,
      (shader) => {
        const { INVERSE_MAX } = shader.constants;
        const constants = { ...shader.constants, INVERSE_MAX: Number(INVERSE_MAX) + 1 };
        return INVERSE_MAX === undefined ? shader : { ...shader, constants };
      },
      () => run(quantize),
    );
    expect(mismatches).toBeGreaterThan(0);
    expect(detail).toMatch(/^first: (code|scale) \(\d+, \d+\) is /);
  });

  test('in a product: its last step left out', async () => {
    const { mismatches, detail } = await withDefect(
      gpu,
      replaced('step < place.end_step;', 'step + STEP_SEGMENTS < place.end_step;'),
      () => run(gemm),
    );
    expect(mismatches).toBeGreaterThan((66 * 65) / 2);
    expect(detail).toMatch(
      /^first: \(0, 0\) of 66x65x130, e4m3 1x128 by e4m3 128x128 to f32 is .+, not .+ ± /,
    );
  });
});

describe('what cannot be checked', () => {
  test('the null adapter is refused, because it computes nothing', async () => {
    const nothing = await openTestGpu('null');
    await expect(runChecks(nothing)).rejects.toThrow(UnsupportedError);
    await expect(runChecks(nothing)).rejects.toThrow(/null adapter.*nothing to verify/);
  });

  test('a kernel that cannot run is skipped with the reason', () => {
    const check = gemmCheck({ ...portable, features: ['tensor-cores'] }, 'a product', [product]);
    expect(check.skip?.(gpu)).toMatch(/tensor-cores/);
    expect(gemm.skip?.(gpu)).toBeUndefined();
  });

  test('a product that a kernel does not compute is left out and said to be', async () => {
    const never = { ...portable, unfit: () => 'it computes nothing' };
    const { checked, detail } = await run(gemmCheck(never, 'a product', [product]));
    expect({ checked, detail }).toEqual({
      checked: 0,
      detail: 'every output of 0 products; 1 that it does not compute left out',
    });
  });

  test('a shader that does not compile fails its check, and the next one runs', async () => {
    const reported: string[] = [];
    const broken = () => {
      throw new ShaderError('no shader today');
    };
    const options = { kernels: ['portable'], onReport: ({ name }: { name: string }) => reported.push(name) };
    const compile = gpu.pipeline;
    gpu.pipeline = broken;
    const reports = await runChecks(gpu, options).finally(() => {
      gpu.pipeline = compile;
    });
    expect(reports).toHaveLength(3);
    for (const { status, detail } of reports) expect([status, detail]).toEqual(['failed', 'no shader today']);
    expect(reported).toEqual(reports.map(({ name }) => name));
  });

  test.each([
    ['a product', gemm],
    ['quantising', quantize],
  ])('a device lost before %s says so', async (_, check) => {
    const lost = await openTestGpu();
    lost.device.destroy();
    const running = check.run(lost, () => {});
    await expect(running).rejects.toThrow(DeviceLostError);
    await expect(running).rejects.toThrow(/was lost.*open\(\) gives a new context/s);
  });

  test.each([
    ['a product', gemm],
    ['quantising', quantize],
  ])('a lack of memory for the operands of %s is told as such', async (_, check) => {
    const createBuffer = gpu.device.createBuffer.bind(gpu.device);
    // SwiftShader allows a buffer of this size and refuses to allocate it.
    const size = gpu.device.limits.maxBufferSize;
    const memory = vi
      .spyOn(gpu.device, 'createBuffer')
      .mockImplementationOnce((descriptor) => createBuffer({ ...descriptor, size }));
    await expect(check.run(gpu, () => {})).rejects.toThrow(OutOfMemoryError);
    memory.mockRestore();
  });

  test('a context disposed of meanwhile ends the run', async () => {
    const other = await openTestGpu();
    const running = runChecks(other, { onReport: () => other.dispose() });
    await expect(running).rejects.toThrow(DisposedError);
  });

  test('an unknown kernel is refused', async () => {
    await expect(runChecks(gpu, { kernels: ['fastest'] })).rejects.toThrow(/"fastest"; allowed: .*portable/);
  });
});

test('the exhaustive checks are there when asked for: both formats, both overflow rules', () => {
  expect(exhaustiveChecks().map(({ name }) => name)).toEqual([
    'every f32 to e4m3, saturate',
    'every f32 to e4m3, ieee',
    'every f32 to e5m2, saturate',
    'every f32 to e5m2, ieee',
  ]);
  // 2^32 patterns in slices of 2^24.
  expect(countSteps(gpu, { exhaustive: true }) - countSteps(gpu)).toBe(4 * 256);
});

test('a tally keeps the first mismatch and counts all', () => {
  const tally = new Tally();
  for (const value of [1, 2, 3]) tally.count(value === 1, () => `${value} is not 1`);
  expect(tally.outcome('small numbers')).toEqual({ checked: 3, mismatches: 2, detail: 'first: 2 is not 1' });
  expect(new Tally().outcome('nothing')).toEqual({ checked: 0, mismatches: 0, detail: 'nothing' });
});
