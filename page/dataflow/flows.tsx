/** @file Ways of data through a large product: pictures, bytes, conversions. */

import { dtypes } from '../../src/matrix.js';
import { type Dataflow, dataflows } from '../../src/traffic/dataflow.js';
import { trafficProblem } from '../../src/traffic/problem.js';
import { type Traffic, totalBytes, totalConversions, trafficOf } from '../../src/traffic/traffic.js';
import { Section } from '../components/section.js';
import { capital } from '../components/sentence.js';
import { Table } from '../components/table.js';
import { WithDevice } from '../components/with-device.js';
import { FlowPicture } from './flow-picture.js';
import { ChoiceField, WholeField } from './setting-fields.js';
import { largestTraffic, showState, type ViewState } from './state.js';
import { Timed } from './timed.js';
import { amountText, bytesText } from './units.js';

export function Flows({ state }: { readonly state: ViewState }) {
  const {
    trafficM: m,
    trafficN: n,
    trafficK: k,
    aType,
    formatA,
    formatB,
    granularityA,
    granularityB,
  } = state;
  const set = (change: Partial<ViewState>) => showState({ ...state, ...change });
  const problem = trafficProblem({ m, n, k, aType, formatA, formatB, granularityA, granularityB });
  const traffics = dataflows.map((dataflow) => trafficOf(problem, dataflow));
  const most = Math.max(...traffics.flatMap(({ moves }) => moves.map(({ bytes }) => bytes)));
  return (
    <Section
      title="The same arithmetic, five ways through the chip"
      intro={
        <p>
          For a product of real size, moving numbers costs more than multiplying them. These are the bytes
          that each dataflow moves and the conversions it makes: counted by a model, not measured. The first
          is today's hardware; the others are what the authors of DeepSeek-V3 ask for (arXiv 2412.19437,
          section 3.5.2).
        </p>
      }
    >
      <div class="fields">
        <WholeField
          label="Rows of A (M)"
          value={m}
          least={1}
          most={largestTraffic}
          onChange={(trafficM) => set({ trafficM })}
        />
        <WholeField
          label="Rows of B (N)"
          value={n}
          least={1}
          most={largestTraffic}
          onChange={(trafficN) => set({ trafficN })}
        />
        <WholeField
          label="Elements summed (K)"
          value={k}
          least={1}
          most={largestTraffic}
          onChange={(trafficK) => set({ trafficK })}
        />
        <ChoiceField
          label="Activations before the cast"
          value={aType}
          names={dtypes}
          onChange={(one) => set({ aType: one })}
        />
      </div>
      <p class="note">
        Activations: {formatA}, a scale for each {granularityA}. Weights: {formatB}, a scale for each{' '}
        {granularityB}. Tiles of {problem.tile.rows} × {problem.tile.cols}, output in {problem.out}, promotion
        every {problem.interval} of K. An arrow's width is the square root of its bytes; “at least” is what no
        cache can save; a loop at the registers is partial sums, read and written to be promoted.
      </p>
      <div class="flows">
        {traffics.map((traffic) => (
          <FlowPicture key={traffic.dataflow.name} traffic={traffic} most={most} />
        ))}
      </div>
      <Totals traffics={traffics} />
      <WithDevice quiet>
        {(context) => <Timed context={context} state={state} problem={problem} />}
      </WithDevice>
    </Section>
  );
}

function Totals({ traffics }: { readonly traffics: readonly Traffic[] }) {
  const bytes = (level: Parameters<typeof totalBytes>[1]) => (traffic: Traffic) =>
    bytesText(totalBytes(traffic, level, 'read') + totalBytes(traffic, level, 'write'));
  const counted = (what: Parameters<typeof totalConversions>[1]) => (traffic: Traffic) =>
    amountText(totalConversions(traffic, what));
  return (
    <Table
      caption="Bytes read and written at every level, and conversions"
      columns={[
        {
          title: 'Dataflow',
          cell: ({ dataflow }: { readonly dataflow: Dataflow }) => capital(dataflow.title),
        },
        { title: 'Memory, at least', numeric: true, cell: bytes('memory') },
        { title: 'Cache', numeric: true, cell: bytes('cache') },
        { title: 'Workgroup memory', numeric: true, cell: bytes('workgroup') },
        { title: 'Sums in registers', numeric: true, cell: bytes('registers') },
        { title: 'Casts', unit: 'times', numeric: true, cell: counted('quantize') },
        { title: 'Promotions', unit: 'times', numeric: true, cell: counted('promote') },
      ]}
      rows={traffics}
      keyOf={({ dataflow }) => dataflow.name}
    />
  );
}
