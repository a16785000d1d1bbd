/** @file What the number explorer shows, all of it in the address. */

import { choice, type Fields, type LinkReading, readLink, text, writeLink } from '../../src/dataflow/link.js';
import { parseNumber } from '../../src/dataflow/parse-number.js';
import { type Overflow, overflows } from '../../src/format/encode.js';
import { type FormatName, formats } from '../../src/format/formats.js';
import { replaceParams } from '../route.js';

export interface NumberState {
  /** As it was written. */
  readonly value: string;
  readonly format: FormatName;
  readonly overflow: Overflow;
}

export const formatNames = Object.keys(formats) as FormatName[];

const defaults: NumberState = { value: '0.1', format: 'e4m3', overflow: 'saturate' };

const fields: Fields<NumberState> = {
  value: text,
  format: choice(formatNames),
  overflow: choice(overflows),
};

export function readNumberState(params: URLSearchParams): LinkReading<NumberState> {
  return readLink(fields, defaults, params, ({ value, format }) => {
    parseNumber(value, formats[format]);
  });
}

export function showNumberState(state: NumberState): void {
  replaceParams('numbers', writeLink(fields, defaults, state));
}
