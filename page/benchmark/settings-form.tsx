/** @file The form of the settings. */

import { caseOperations } from '../../bench/suites.js';
import { OctileError } from '../../src/errors.js';
import { distributionTexts } from '../../src/experiment/data.js';
import { kernelStates } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { Button } from '../components/button.js';
import { Checkbox, TextField } from '../components/field.js';
import { Select } from '../components/select.js';
import { casesOf } from './cases.js';
import { type ChoiceName, choices, defaultSettings, type Settings } from './settings.js';
import { settings } from './state.js';

const titles: Readonly<Record<ChoiceName, string>> = {
  suite: 'Shapes',
  verify: 'Verify first',
  aFormat: 'Format of A (activations)',
  bFormat: 'Format of B (weights)',
  aGranularity: 'One scale of A for each',
  bGranularity: 'One scale of B for each',
  out: 'Output type',
  dialect: 'Scaling dialect',
  distribution: 'Data',
  accumulator: 'Accumulator to emulate',
  promote: 'Promote to f32 every',
  peers: 'Other libraries',
};

const hints: Partial<Record<ChoiceName, string>> = {
  suite: 'A product D = A · Bᵀ is M × N × K: D has M rows and N columns, each a sum over K.',
  aFormat: 'e4m3 is four bits of exponent and three of mantissa; “Numbers” in the menu shows each format.',
  aGranularity: 'Values that share a scale. Smaller tiles keep an outlier from spoiling the others.',
  dialect: 'How a scale follows from the largest magnitude of its tile. Dialects differ in real bits.',
  accumulator:
    'The bits of a matrix instruction, for kernels that emulate one. “auto” then takes such a kernel.',
  promote: 'Elements of K after which an emulated partial sum is scaled and added in f32.',
};

const texts: Readonly<Record<string, string>> = {
  'suite.smoke': 'A few small ones (under a minute)',
  'suite.deepseek': "DeepSeek-V3's layers: forward and both gradients",
  'suite.squares': 'Squares, 256 to 8192',
  'suite.ragged': 'Ragged: nothing fits a tile',
  'suite.backward': "DeepSeek-V3's training step: the three products of its layers",
  'suite.grouped': 'Mixtures of experts: many products in one',
  'suite.cast': 'Casting activations: in a pass of its own, with decoding, or with the product',
  'suite.own': 'My own',
  'verify.all': 'Formats, quantising, every kernel',
  'verify.kernels': 'Only the kernels chosen',
  'verify.none': 'Nothing but the results measured',
  'accumulator.none': 'none: plain f32',
  'promote.suite': '128, or a narrower scale tile',
  'promote.none': 'never: once, at the end of K',
  'dialect.suite': 'deepgemm; mx for 1x32',
  tensor: 'tensor',
  row: 'row',
  '1x128': '1 × 128 tile',
  '128x128': '128 × 128 block',
  '1x32': '1 × 32 tile (OCP MX, e8m0)',
};

function textOf(name: ChoiceName, value: string): string {
  if (name === 'promote' && /^\d/.test(value)) return `${value} elements of K`;
  if (value === 'suite') return texts[`${name}.suite`] ?? `as usual: ${usual[name] ?? ''}`;
  return texts[`${name}.${value}`] ?? (name.endsWith('Granularity') ? texts[value] : undefined) ?? value;
}

const usual: Partial<Record<ChoiceName, string>> = {
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1 × 128 tile',
  bGranularity: '128 × 128 block',
  out: 'f32 (DeepSeek-V3: bf16)',
};

/** What is wrong with settings, or undefined. */
export function settingsProblem(wanted: Settings): string | undefined {
  try {
    casesOf(wanted, 'hardware');
    return undefined;
  } catch (error) {
    if (error instanceof OctileError) return error.message;
    throw error;
  }
}

/** "14 products, 3.2 TFLOP in all". */
export function settingsSummary(wanted: Settings): string {
  if (settingsProblem(wanted) !== undefined) return '';
  const products = casesOf(wanted, 'hardware').filter(
    (one) => one.kind !== 'peak' && caseOperations(one) > 0,
  );
  const operations = products.reduce((sum, one) => sum + caseOperations(one), 0);
  const size =
    operations < 1e9
      ? `${(operations / 1e6).toPrecision(3)} MFLOP`
      : operations < 1e12
        ? `${(operations / 1e9).toPrecision(3)} GFLOP`
        : `${(operations / 1e12).toPrecision(3)} TFLOP`;
  return `${products.length} ${products.length === 1 ? 'product' : 'products'}, ${size} in all`;
}

export interface SettingsFormProps {
  readonly gpu: Gpu;
  readonly disabled: boolean;
}

export function SettingsForm({ gpu, disabled }: SettingsFormProps) {
  const { value } = settings;
  const set = (part: Partial<Settings>) => {
    settings.value = { ...settings.value, ...part };
  };
  const choice = (name: ChoiceName) => (
    <Select
      label={titles[name]}
      value={value[name]}
      options={choices[name].map((option) => ({ value: option as string, text: textOf(name, option) }))}
      onChange={(chosen) => set({ [name]: chosen })}
      hint={
        name === 'distribution'
          ? distributionTexts[value.distribution as keyof typeof distributionTexts]
          : hints[name]
      }
      disabled={disabled}
    />
  );
  const problem = settingsProblem(value);
  return (
    <div class="stack">
      <div class="fields">
        {choice('suite')}
        {value.suite === 'own' && (
          <TextField
            label="My shapes, M x N x K"
            value={value.shapes}
            rows={2}
            onInput={(shapes) => set({ shapes })}
            hint="Commas between shapes."
            error={problem?.startsWith('shapes') ? problem : undefined}
            disabled={disabled}
          />
        )}
        {choice('verify')}
        {choice('distribution')}
      </div>
      <fieldset class="fieldset" disabled={disabled}>
        <legend>Kernels</legend>
        <div class="kernel-choices">
          <Checkbox
            label="auto"
            checked={value.kernels.includes('auto')}
            onChange={(checked) => set({ kernels: toggled(value.kernels, 'auto', checked) })}
            hint="the best for each shape"
          />
          {kernelStates(gpu).map(({ kernel, obstacle }) => (
            <Checkbox
              key={kernel.name}
              label={kernel.name}
              checked={value.kernels.includes(kernel.name)}
              disabled={obstacle !== undefined}
              onChange={(checked) => set({ kernels: toggled(value.kernels, kernel.name, checked) })}
              hint={obstacle === undefined ? kernel.summary : `not here: ${obstacle}`}
            />
          ))}
        </div>
      </fieldset>
      <details class="details">
        <summary>Formats, scales, accumulation</summary>
        <div class="fields">
          {choice('aFormat')}
          {choice('bFormat')}
          {choice('out')}
          {choice('aGranularity')}
          {choice('bGranularity')}
          {choice('dialect')}
          {choice('accumulator')}
          {choice('promote')}
        </div>
      </details>
      {problem && !problem.startsWith('shapes') && (
        <p class="field-error" role="alert">
          These do not fit together: {problem}
        </p>
      )}
      <div class="button-row">
        <Button
          size="small"
          disabled={disabled}
          onClick={() => {
            settings.value = defaultSettings;
          }}
        >
          Back to the defaults
        </Button>
      </div>
    </div>
  );
}

/** The kernels with one more or one less; at least auto. */
function toggled(kernels: readonly string[], name: string, checked: boolean): readonly string[] {
  const left = checked ? [...kernels, name] : kernels.filter((one) => one !== name);
  return left.length > 0 ? left : ['auto'];
}
