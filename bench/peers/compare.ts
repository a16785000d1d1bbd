/** @file Records side by side: ratios to octile's time, who is drawn, and how time grows. */

import { mostSeries } from '../../src/report/chart.js';
import { fitGrowth, type GrowthPoint, type GrowthSeries } from '../growth.js';
import { productName } from './cases.js';
import type { Product } from './peer.js';
import { isMeasured, type PeerMeasurement, type PeerRecord } from './record.js';

/** A peer and where it stands. */
export interface Standing {
  readonly record: PeerRecord;
  /** Its time over that of the first peer of the product: above 1 is slower; null where either has none. */
  readonly ratio: number | null;
}

/** A library and its operation: what stays the same from product to product. */
export function peerName({ library, name }: Pick<PeerRecord, 'library' | 'name'>): string {
  return `${library.replace(/ [\d.]+$/, '').replace(/^@[^/]+\//, '')} ${name}`;
}

/** Records by product, in their order, with the ratios to the first of each. */
export function standings(records: readonly PeerRecord[]): { product: Product; standings: Standing[] }[] {
  return byProduct(records).map(({ product, records: ofProduct }) => {
    const [first] = ofProduct;
    const base = first && isMeasured(first) ? first.median : null;
    return {
      product,
      standings: ofProduct.map((record) => ({
        record,
        ratio: base !== null && isMeasured(record) ? record.median / base : null,
      })),
    };
  });
}

function byProduct(records: readonly PeerRecord[]): { product: Product; records: PeerRecord[] }[] {
  const found = new Map<string, { product: Product; records: PeerRecord[] }>();
  for (const record of records) {
    const key = productName(record.product);
    const entry = found.get(key) ?? { product: record.product, records: [] };
    entry.records.push(record);
    found.set(key, entry);
  }
  return [...found.values()];
}

/**
 * The peers that a chart has room for: the first of the records, which is octile, then the fastest, by the mean
 * logarithm of their rates over what was measured of them.
 */
export function drawnPeers(records: readonly PeerRecord[], most = mostSeries): string[] {
  const rates = new Map<string, number[]>();
  for (const record of records.filter(isMeasured)) {
    const name = peerName(record);
    rates.set(name, [...(rates.get(name) ?? []), Math.log(record.tflops)]);
  }
  const mean = (name: string) => {
    const logs = rates.get(name) ?? [];
    return logs.reduce((sum, one) => sum + one, 0) / logs.length;
  };
  const [first, ...rest] = rates.keys();
  if (first === undefined) return [];
  return [first, ...rest.sort((a, b) => mean(b) - mean(a))].slice(0, most);
}

/** One way to grow: products that differ in one size. */
export interface Growth {
  /** File and table name. */
  readonly name: 'squares' | 'rows';
  /** What grows, for axes. */
  readonly size: string;
  readonly series: readonly GrowthSeries[];
}

/** At least so many sizes make a law. */
const leastSizes = 3;

/**
 * How time grows with N in squares, and with M by the weight that was multiplied by most different M. Peers of which
 * too few sizes were measured are left out, and so is a growth that nobody has.
 */
export function growths(records: readonly PeerRecord[]): Growth[] {
  const measured = records.filter(isMeasured);
  const squares = measured.filter(({ product: { m, n, k } }) => m === n && n === k);
  const weight = commonWeight(measured);
  const rows = measured.filter(({ product: { n, k } }) => n === weight?.n && k === weight.k);
  const found: Growth[] = [
    { name: 'squares', size: 'N of N × N × N', series: seriesOf(squares, ({ n }) => n, 3) },
    {
      name: 'rows',
      size: `M of M × ${weight?.n} × ${weight?.k}`,
      series: seriesOf(rows, ({ m }) => m, 1),
    },
  ];
  return found.filter(({ series }) => series.length > 0);
}

function commonWeight(records: readonly PeerMeasurement[]): Product | undefined {
  const rows = new Map<string, { product: Product; sizes: Set<number> }>();
  for (const { product } of records) {
    const key = `${product.n}x${product.k}`;
    const entry = rows.get(key) ?? { product, sizes: new Set() };
    entry.sizes.add(product.m);
    rows.set(key, entry);
  }
  return [...rows.values()].sort((a, b) => b.sizes.size - a.sizes.size)[0]?.product;
}

function seriesOf(
  records: readonly PeerMeasurement[],
  size: (product: Product) => number,
  power: number,
): GrowthSeries[] {
  const points = new Map<string, GrowthPoint[]>();
  for (const record of records) {
    const name = peerName(record);
    const point = { x: size(record.product), microseconds: record.median };
    points.set(name, [...(points.get(name) ?? []), point]);
  }
  return [...points]
    .filter(([, list]) => list.length >= leastSizes)
    .map(([name, list]) => ({ name, points: list, fit: fitGrowth(list, power) }));
}
