/** @file The settings of the dataflow: presets, and everything that changes a bit. */

import { useSignal } from '@preact/signals';
import { promotions } from '../../src/accumulate/plan.js';
import {
  accumulatorNames,
  type DataflowSettings,
  dataflowFormats,
  defaultSettings,
  largestDataflow,
  profileOf,
} from '../../src/dataflow/settings.js';
import { distributions, distributionTexts, largestSeed } from '../../src/experiment/data.js';
import { dtypes } from '../../src/matrix.js';
import { dialectNames } from '../../src/quantize/dialect.js';
import { granularityNames } from '../../src/quantize/granularity.js';
import { Button } from '../components/button.js';
import { Checkbox } from '../components/field.js';
import { profileText } from './profile-text.js';
import { ChoiceField, WholeField } from './setting-fields.js';
import { refusal, showState, type ViewState } from './state.js';

interface Preset {
  readonly name: string;
  readonly change: Partial<DataflowSettings>;
}

const presets: readonly Preset[] = [
  { name: 'DeepSeek-V3 on Hopper', change: {} },
  {
    name: 'Hopper, no promotion',
    change: { granularityA: 'row', granularityB: 'row', promote: 'none', k: 512, distribution: 'uniform' },
  },
  {
    name: 'Blackwell, OCP MX',
    change: { granularityA: '1x32', granularityB: '1x32', accumulator: 'blackwell' },
  },
  {
    name: 'Four bits (MXFP4)',
    change: {
      formatA: 'e2m1',
      formatB: 'e2m1',
      granularityA: '1x32',
      granularityB: '1x32',
      accumulator: 'exact',
    },
  },
  {
    name: 'Few bits of one’s own',
    change: { accumulator: 'custom', products: 16, fractionBits: 7, outputBits: 7 },
  },
];

const intervals = ['default', '32', '64', '128', '256', '512', 'none'] as const;

/** The formula of each order, as the stage “Promotion” has it. */
const promotionTexts = {
  fused: 'The product of the scales times the partial sum: DeepSeek-V3 and cuBLASLt.',
  'transformer-engine': 'The partial sum times one scale, then the other: Transformer Engine.',
} as const;

export function Controls({ state }: { readonly state: ViewState }) {
  const set = (change: Partial<ViewState>) => showState({ ...state, ...change });
  const refuse = (change: Partial<ViewState>) => refusal({ ...state, ...change });
  const preset = presets.find(({ change }) => matches(state, { ...defaultSettings, ...change }));
  // At first alone: what the reader opens and closes afterwards stays so.
  const open = useSignal(preset === undefined);
  return (
    <div class="stack">
      <section class="button-row" aria-label="Presets">
        {presets.map((one) => (
          <Button
            key={one.name}
            size="small"
            pressed={one === preset}
            onClick={() => set({ ...defaultSettings, seed: state.seed, ...one.change })}
          >
            {one.name}
          </Button>
        ))}
      </section>
      <details class="details" open={open.value}>
        <summary>All settings</summary>
        <div class="fields">
          <WholeField
            label="Rows of A (M)"
            value={state.m}
            least={1}
            most={largestDataflow.rows}
            onChange={(m) => set({ m })}
          />
          <WholeField
            label="Rows of B (N)"
            value={state.n}
            least={1}
            most={largestDataflow.rows}
            onChange={(n) => set({ n })}
          />
          <WholeField
            label="Elements summed (K)"
            value={state.k}
            least={1}
            most={largestDataflow.k}
            onChange={(k) => set({ k })}
            refuse={(k) => refuse({ k })}
          />
          <ChoiceField
            label="Format of A"
            value={state.formatA}
            names={dataflowFormats}
            onChange={(formatA) => set({ formatA })}
            refuse={(formatA) => refuse({ formatA })}
          />
          <ChoiceField
            label="Format of B"
            value={state.formatB}
            names={dataflowFormats}
            onChange={(formatB) => set({ formatB })}
            refuse={(formatB) => refuse({ formatB })}
          />
          <ChoiceField
            label="Scales of A"
            value={state.granularityA}
            names={granularityNames}
            onChange={(granularityA) => set({ granularityA })}
            refuse={(granularityA) => refuse({ granularityA })}
            hint="Rows × columns that share a scale."
          />
          <ChoiceField
            label="Scales of B"
            value={state.granularityB}
            names={granularityNames}
            onChange={(granularityB) => set({ granularityB })}
            refuse={(granularityB) => refuse({ granularityB })}
          />
          <ChoiceField
            label="Dialect"
            value={state.dialect}
            names={['default', ...dialectNames]}
            onChange={(dialect) => set({ dialect })}
            refuse={(dialect) => refuse({ dialect })}
            hint="Whose arithmetic: how scales are rounded. By default deepgemm, or mx for 1x32."
          />
          <ChoiceField
            label="Accumulator"
            value={state.accumulator}
            names={accumulatorNames}
            onChange={(accumulator) => set({ accumulator })}
            refuse={(accumulator) => refuse({ accumulator })}
            hint={profileText(profileOf(state))}
          />
          {state.accumulator === 'custom' && (
            <>
              <WholeField
                label="Products a step"
                value={state.products}
                least={1}
                most={128}
                onChange={(products) => set({ products })}
                refuse={(products) => refuse({ products })}
              />
              <WholeField
                label="Fraction bits kept (F)"
                value={state.fractionBits}
                least={1}
                most={25}
                onChange={(fractionBits) => set({ fractionBits })}
              />
              <WholeField
                label="Fraction bits of a result"
                value={state.outputBits}
                least={1}
                most={23}
                onChange={(outputBits) => set({ outputBits })}
              />
            </>
          )}
          <ChoiceField
            label="Promotion after"
            value={String(state.promote) as (typeof intervals)[number]}
            names={intervals}
            textOf={(name) => (/\d/.test(name) ? `${name} elements` : name)}
            onChange={(promote) => set({ promote: intervalOf(promote) })}
            refuse={(promote) => refuse({ promote: intervalOf(promote) })}
            hint="none needs scales that span all of K: row or tensor."
          />
          <ChoiceField
            label="Order of promotion"
            value={state.promotion}
            names={promotions}
            onChange={(promotion) => set({ promotion })}
            hint={promotionTexts[state.promotion]}
          />
          <ChoiceField label="Output" value={state.out} names={dtypes} onChange={(out) => set({ out })} />
          <ChoiceField
            label="Data"
            value={state.distribution}
            names={distributions}
            onChange={(distribution) => set({ distribution })}
            hint={distributionTexts[state.distribution].split(', as ')[0] ?? ''}
          />
          <WholeField
            label="Seed of the data"
            value={state.seed}
            least={0}
            most={largestSeed}
            onChange={(seed) => set({ seed })}
          />
          <Checkbox
            label="Power-of-two scales"
            checked={state.powerOfTwo}
            onChange={(powerOfTwo) => set({ powerOfTwo })}
            hint="Scales rounded up to 2^k; always so for 1x32."
          />
        </div>
      </details>
    </div>
  );
}

function intervalOf(name: (typeof intervals)[number]): DataflowSettings['promote'] {
  return name === 'default' || name === 'none' ? name : Number(name);
}

/** Whether settings are these, whatever the seed. */
function matches(state: ViewState, settings: DataflowSettings): boolean {
  return (Object.keys(settings) as (keyof DataflowSettings)[]).every(
    (name) => name === 'seed' || state[name] === settings[name],
  );
}
