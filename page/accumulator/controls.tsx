/** @file The settings of the accumulator explorer. */

import { intervals, lengths } from '../../src/dataflow/curve.js';
import { accumulatorNames, profileOf } from '../../src/dataflow/settings.js';
import { distributions, distributionTexts, largestSeed } from '../../src/experiment/data.js';
import { profileText } from '../dataflow/profile-text.js';
import { ChoiceField, WholeField } from '../dataflow/setting-fields.js';
import { curveRefusal, type ExplorerState, metrics, showExplorerState } from './state.js';

export const metricTexts = {
  maxOverRms: 'largest error, over the RMS of the results',
  maxRelative: 'largest relative error of a result',
} as const;

export function CurveControls({ state }: { readonly state: ExplorerState }) {
  const set = (change: Partial<ExplorerState>) => showExplorerState({ ...state, ...change });
  const refuse = (change: Partial<ExplorerState>) => curveRefusal({ ...state, ...change });
  return (
    <div class="fields">
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
        value={String(state.interval)}
        names={intervals.map(String)}
        textOf={(name) => `${name} elements of K`}
        onChange={(interval) => set({ interval: Number(interval) })}
        refuse={(interval) => refuse({ interval: Number(interval) })}
      />
      <ChoiceField
        label="Data"
        value={state.distribution}
        names={distributions}
        onChange={(distribution) => set({ distribution })}
        hint={distributionTexts[state.distribution].split(', as ')[0] ?? ''}
      />
      <ChoiceField
        label="Longest K"
        value={String(state.longest)}
        names={lengths.map(String)}
        onChange={(longest) => set({ longest: Number(longest) })}
      />
      <WholeField
        label="Rows of both operands"
        value={state.outputs}
        least={2}
        most={64}
        onChange={(outputs) => set({ outputs })}
        hint={`${state.outputs ** 2} results for each K.`}
      />
      <ChoiceField
        label="Error"
        value={state.metric}
        names={metrics}
        textOf={(name) => metricTexts[name]}
        onChange={(metric) => set({ metric })}
      />
      <WholeField
        label="Seed of the data"
        value={state.seed}
        least={0}
        most={largestSeed}
        onChange={(seed) => set({ seed })}
      />
    </div>
  );
}
