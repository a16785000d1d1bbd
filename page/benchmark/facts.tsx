/**
 * @file What is emulated, how it was checked, and what is not claimed: for the reader who wonders what a figure means.
 */

import { Section } from '../components/section.js';

export function Facts() {
  return (
    <Section title="What is computed, and how far it was checked">
      <div class="fact-grid">
        <div>
          <h3>The arithmetic</h3>
          <p>
            An FP8 number has eight bits: in e4m3 a sign, four of exponent, three of mantissa, and 448 as its
            largest value. To fit real data into that, DeepSeek-V3 gives every 1 × 128 tile of activations and
            every 128 × 128 block of weights a scale of its own. A product multiplies the codes, adds up 128
            of them at a time, and only then applies the scales: that last step is called promotion.
          </p>
        </div>
        <div>
          <h3>The error of hardware, on purpose</h3>
          <p>
            Hopper's tensor cores keep about 14 bits of a running sum. The kernels <code>emulated</code> and{' '}
            <code>stepwise</code> give those bits. They were compared with 239,616 results captured on an
            H200, single instructions and whole products, without a mismatch. The profiles{' '}
            <code>ada-mma</code> and <code>blackwell</code> are published models, held against 10,000
            published vectors each.
          </p>
        </div>
        <div>
          <h3>What is not claimed</h3>
          <p>
            This page emulates numerics. It says nothing about the speed or the internals of an H800, on which
            DeepSeek-V3 was trained, and a kernel in f32 is not a tensor core: other GPUs sum in other orders,
            within a bound that each result is checked against before it is timed.
          </p>
        </div>
        <div>
          <h3>How time is taken</h3>
          <p>
            Each case runs on fresh random data and several sets of buffers, so that no cache helps. GPUs take
            half a second to reach their clock: work warms them up by time, then the median of the samples
            counts, by the GPU's own clock where the browser offers it.
          </p>
        </div>
      </div>
    </Section>
  );
}
