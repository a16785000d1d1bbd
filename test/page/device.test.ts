/** @file What the page says of browsers and hides of devices, without a browser. */

import { expect, test } from 'vitest';
import { browserName, browserText } from '../../page/device/browser-name.js';
import { featureAdvice } from '../../page/device/feature-advice.js';
import { restrictionsOf, restrictionText, sizeText } from '../../page/device/restrict.js';

/** As the browsers send them. */
test.each([
  [
    'Chrome 147 on Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36',
  ],
  [
    'Edge 146 on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0',
  ],
  ['Firefox 145 on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'],
  [
    'Safari 26 on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  ],
  [
    'Safari 26 on iOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  ],
  [
    'Chrome 147 on Android',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile Safari/537.36',
  ],
  ['a browser that does not say its name', 'curl/8.0'],
])('%s', (text, agent) => expect(browserText(browserName(agent))).toBe(text));

test('the address hides features and lowers limits', () => {
  const options = restrictionsOf('?hide=subgroups,shader-f16&limits=16KiB,128MiB');
  expect(options).toEqual({
    withoutFeatures: ['subgroups', 'shader-f16'],
    limits: {
      maxComputeWorkgroupStorageSize: 16384,
      maxBufferSize: 2 ** 27,
      maxStorageBufferBindingSize: 2 ** 27,
    },
  });
  expect(restrictionText(options)).toBe(
    'subgroups, shader-f16, workgroup memory beyond 16 KiB, buffers beyond 128 MiB',
  );
  expect(restrictionText(restrictionsOf(''))).toBeUndefined();
  for (const search of [
    '?hide=x',
    '?limits=16KB',
    '?limits=-1',
    '?limits=16 kib',
    '?limits=8KiB',
    '?limits=16KiB,64MiB',
  ])
    expect(() => restrictionsOf(search)).toThrow(/^(?:hide|limits) is /);
});

test('sizes are told in the largest unit of which they are at least one', () =>
  expect([1, 1023, 16384, 1536, 2 ** 27, 1.5 * 2 ** 30].map(sizeText)).toEqual([
    '1 B',
    '1023 B',
    '16 KiB',
    '1.5 KiB',
    '128 MiB',
    '1.5 GiB',
  ]));

test('what is missing comes with what brings it, in the reader’s own browser', () => {
  const advice = (family: 'Chrome' | 'Edge' | 'Firefox', system: 'Linux' | 'Windows', vendor: string) =>
    (['shader-f16', 'chromium-experimental-subgroup-matrix'] as const).map(
      (name) => featureAdvice(name, { family, version: '147', system }, vendor).paste,
    );
  expect(advice('Chrome', 'Linux', 'nvidia')).toEqual([
    expect.stringMatching(/^google-chrome .*--enable-dawn-features=vulkan_enable_f16_on_nvidia$/),
    'chrome://flags/#enable-unsafe-webgpu',
  ]);
  expect(advice('Edge', 'Linux', 'nvidia')[0]).toMatch(/^microsoft-edge /);
  expect(advice('Edge', 'Windows', 'nvidia')).toEqual([undefined, 'edge://flags/#enable-unsafe-webgpu']);
  expect(advice('Chrome', 'Linux', 'amd')[0]).toBeUndefined();
  expect(advice('Firefox', 'Linux', 'nvidia')).toEqual([undefined, undefined]);
});
