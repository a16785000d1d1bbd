import { expect, test } from 'vitest';
import { readLink, writeLink } from '../../src/dataflow/link.js';
import {
  checkSettings,
  type DataflowSettings,
  defaultSettings,
  settingFields,
} from '../../src/dataflow/settings.js';
import { ArgumentError } from '../../src/errors.js';

const read = (query: string) =>
  readLink(settingFields, defaultSettings, new URLSearchParams(query), checkSettings);
const writeSettings = (settings: DataflowSettings) => writeLink(settingFields, defaultSettings, settings);

test('a link says what differs from the defaults, and is read back as it was written', () => {
  expect(writeSettings(defaultSettings)).toEqual({});
  const changed = {
    ...defaultSettings,
    k: 512,
    formatA: 'e5m2',
    powerOfTwo: true,
    promote: 64,
    accumulator: 'custom',
    fractionBits: 9,
  } as const;
  const query = writeSettings(changed);
  expect(query).toEqual({
    k: '512',
    formatA: 'e5m2',
    powerOfTwo: '1',
    promote: '64',
    accumulator: 'custom',
    fractionBits: '9',
  });
  expect(read(new URLSearchParams(query).toString())).toEqual({ settings: changed, problems: [] });
});

test('what cannot be read keeps its default and is named', () => {
  const { settings, problems } = read('k=2e9&formatA=fp8&seed=7&colour=red');
  expect(settings).toEqual({ ...defaultSettings, seed: 7 });
  expect(problems).toEqual([
    expect.stringMatching(/^k is "2e9"; allowed: a whole number from 1 to 1024$/),
    expect.stringMatching(/^formatA is "fp8"; allowed: e4m3, /),
    expect.stringMatching(/^colour is no setting/),
  ]);
});

test('settings that do not fit together are refused by name, and a link with them shows the defaults', () => {
  const clash = { ...defaultSettings, promote: 'none' } as const;
  expect(() => checkSettings(clash)).toThrow(ArgumentError);
  const { settings, problems } = read('promote=none&seed=3');
  expect(settings).toEqual(defaultSettings);
  expect(problems).toEqual([expect.stringMatching(/^promote is "none"; allowed: a multiple of 32/)]);
  expect(() => checkSettings({ ...defaultSettings, dialect: 'mx' })).toThrow(/dialect is "mx"/);
  expect(() => checkSettings({ ...defaultSettings, m: 1.5 })).toThrow(/m is "1.5"/);
});
