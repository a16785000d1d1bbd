/** @file What tuning has found on this GPU: kernel, tile, and how much faster it is than untuned. */

import { significant } from '../../src/report/number.js';
import { type TunedProduct, tilingText } from '../../src/tune/tuning.js';
import { Table } from '../components/table.js';
import { speedText, withUnit } from '../results/numbers.js';
import { shapeText } from '../results/series.js';

export function Winners({ products }: { readonly products: readonly TunedProduct[] }) {
  return (
    <Table
      caption="The fastest found on this GPU, kept in this browser"
      columns={[
        {
          title: 'Product',
          unit: 'M × N × K',
          cell: (product) => (
            <>
              {shapeText(product)}
              <span class="cell-aside">
                {product.aFormat} {product.aGranularity} by {product.bFormat} {product.bGranularity} to{' '}
                {product.out}
              </span>
            </>
          ),
        },
        {
          title: 'Kernel and tile',
          cell: ({ kernel, tiling }) => (
            <>
              <code>{kernel}</code>
              <span class="cell-aside">{tilingText(tiling)}</span>
            </>
          ),
        },
        {
          title: 'Speed',
          numeric: true,
          cell: ({ m, n, k, microseconds }) => withUnit(speedText((2 * m * n * k) / microseconds / 1e6)),
        },
        { title: 'Against untuned', numeric: true, cell: gain },
        {
          title: 'Median',
          unit: 'µs',
          numeric: true,
          cell: ({ microseconds }) => significant(microseconds, 4),
        },
      ]}
      rows={products}
      keyOf={(product) => `${shapeText(product)} ${Object.values(product).join(' ')}`}
    />
  );
}

/** "1.27 × as fast"; "the same" where what `auto` takes untuned won. */
function gain({ microseconds, untunedMicroseconds }: TunedProduct): string {
  if (untunedMicroseconds === undefined) return 'not measured';
  const ratio = untunedMicroseconds / microseconds;
  return ratio === 1 ? 'the same' : `${ratio.toFixed(2)} × as fast`;
}
