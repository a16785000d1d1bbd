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
          title: 'Speed',
          cell: (product) => (
            <>
              {withUnit(speedText((2 * product.m * product.n * product.k) / product.microseconds / 1e6))}
              <span class="cell-aside">{gain(product)}</span>
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

/** "1.27 × as fast as untuned"; "as untuned" where what `auto` takes untuned won. */
function gain({ microseconds, untunedMicroseconds }: TunedProduct): string {
  if (untunedMicroseconds === undefined) return 'untuned was not measured';
  const ratio = untunedMicroseconds / microseconds;
  return ratio === 1 ? 'as untuned' : `${ratio.toFixed(2)} × as fast as untuned`;
}
