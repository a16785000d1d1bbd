/** @file What octile reaches of the fastest other library, product by product. Pure. */

import { isMeasured, type PeerRecord } from '../../bench/peers/record.js';

/** Whether a record is octile's own, measured in turn with the others. */
export function isOwn({ library }: PeerRecord): boolean {
  return library.startsWith('octile ');
}

function sameProduct(a: PeerRecord, b: PeerRecord): boolean {
  return a.product.m === b.product.m && a.product.n === b.product.n && a.product.k === b.product.k;
}

/**
 * The rate of a record over that of the fastest other library on the same product: 1 is as fast.
 * @returns undefined where either was not measured
 */
export function shareOfBestPeer(record: PeerRecord, records: readonly PeerRecord[]): number | undefined {
  if (!isMeasured(record)) return undefined;
  const best = Math.max(
    ...records
      .filter((other) => !isOwn(other) && sameProduct(record, other))
      .filter(isMeasured)
      .map(({ tflops }) => tflops),
  );
  return best > 0 ? record.tflops / best : undefined;
}

/** The geometric mean of the shares that octile's first kernel has, over the products; undefined where it has none. */
export function meanShare(records: readonly PeerRecord[]): number | undefined {
  const first = records.find(isOwn)?.name;
  const logs = records
    .filter((record) => isOwn(record) && record.name === first)
    .map((record) => shareOfBestPeer(record, records))
    .filter((share) => share !== undefined)
    .map(Math.log);
  return logs.length === 0 ? undefined : Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length);
}
