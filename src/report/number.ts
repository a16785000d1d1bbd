/** @file Numbers as the report writes them. */

/** With a fixed count of decimals; infinities and NaN by name. */
export function decimal(value: number, places: number): string {
  return Number.isFinite(value) ? value.toFixed(places) : shownSpecial(value);
}

/** With `digits` significant digits: plain from 0.001 to a million, with an exponent beyond. */
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return shownSpecial(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return scientific(value, digits);
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(places);
}

/** With an exponent always: for figures that span orders of magnitude. */
export function scientific(value: number, digits = 3): string {
  return Number.isFinite(value) ? value.toExponential(digits - 1).replace('e+', 'e') : shownSpecial(value);
}

/** A share between 0 and 1 in percent: "0 %" means none, "<0.01 %" some. */
export function percent(share: number, places = 2): string {
  if (share === 0) return '0 %';
  const least = 10 ** -places;
  if (share * 100 < least / 2) return `<${least} %`;
  return `${(share * 100).toFixed(places)} %`;
}

/** A whole number with its digits in groups of three. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

function shownSpecial(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
}
