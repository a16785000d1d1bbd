/** @file The benchmark view. */

import { Section } from '../components/section.js';
import { WithDevice } from '../components/with-device.js';
import { Kernels } from '../device/kernels.js';

export default function BenchmarkView() {
  return (
    <>
      <h1>How fast does this GPU multiply in FP8?</h1>
      <WithDevice>
        {(context) => (
          <Section title="Kernels">
            <Kernels gpu={context.gpu} />
          </Section>
        )}
      </WithDevice>
    </>
  );
}
