/** @file The device view: what was found, which kernels run, and what can be done about the others. */

import { Section } from '../components/section.js';
import { WithDevice } from '../components/with-device.js';
import { DeviceSummary } from './summary.js';

export default function DeviceView() {
  return (
    <>
      <h1>What this GPU offers</h1>
      <p class="lead">
        octile takes what is there: every kernel says what it needs, and the fastest that can run is chosen.
      </p>
      <WithDevice>{(context) => <DeviceSummary context={context} />}</WithDevice>
      <Section
        title="See it on less"
        intro="Features and memory can be hidden from this page, to see what it does on lesser hardware."
      >
        <ul class="steps">
          <li>
            <a href="?hide=subgroups,timestamp-query,shader-f16#/device">
              No optional features: no subgroups, no f16, times by the host's clock
            </a>
          </li>
          <li>
            <a href="?limits=16KiB,128MiB#/device">16 KiB of workgroup memory and buffers of 128 MiB</a>
          </li>
          <li>
            <a href="?#/device">Everything the GPU has</a>
          </li>
        </ul>
      </Section>
    </>
  );
}
