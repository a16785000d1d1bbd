/** @file octile and other libraries side by side on the same products. */

import { useMemo } from 'preact/hooks';
import { isMeasured, type PeerRecord } from '../../bench/peers/record.js';
import { Message } from '../components/message.js';
import type { PeersRun } from './benchmark-run.js';
import { RateChart } from './rate-chart.js';
import { mostSeries, shapeText } from './series.js';

export function Peers({ peers: { records, absent } }: { readonly peers: PeersRun }) {
  const { categories, series } = useMemo(() => {
    const measured = records.filter(isMeasured);
    const categories = [...new Set(measured.map(({ product }) => shapeText(product)))];
    const names = [...new Set(measured.map(shortName))];
    const series = names.slice(0, mostSeries).map((name) => ({
      name,
      rates: categories.map(
        (shape) =>
          measured.find((one) => shortName(one) === name && shapeText(one.product) === shape)?.tflops ??
          Number.NaN,
      ),
    }));
    return { categories, series };
  }, [records]);
  return (
    <>
      {absent.length > 0 && (
        <Message kind="info" title="Not every library could be compared">
          {absent.map(({ library, reason }) => `${library}: ${reason}`).join('. ')}.
        </Message>
      )}
      {series.length > 0 && (
        <RateChart
          title="Beside other libraries"
          summary={(top) => (
            <>
              The same matrices on the same device, in turn, each result checked; at most {top}. Time is the
              host's clock around batches, the same for all, and so differs from the chart above. Other
              libraries have no FP8: they multiply the values that octile's codes stand for.
            </>
          )}
          categories={categories}
          series={series}
          file="octile-peers"
        />
      )}
    </>
  );
}

/** Without scope and version, for which a legend has no room; the table of measurements has both. */
function shortName({ library, name }: PeerRecord): string {
  return `${library.replace(/ [\d.]+$/, '').replace(/^@[^/]+\//, '')} ${name}`;
}
