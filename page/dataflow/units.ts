/** @file Bytes and counts in the unit that suits their size. */

const steps = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Bytes with three digits: "16.8 MB". */
export function bytesText(bytes: number): string {
  return `${scaled(bytes)}B`;
}

/** A count with three digits: "470 M". */
export function amountText(count: number): string {
  return scaled(count).trim();
}

function scaled(value: number): string {
  for (const [size, prefix] of steps)
    if (value >= size) return `${Number((value / size).toPrecision(3))} ${prefix}`;
  return `${Number(value.toPrecision(3))} `;
}
