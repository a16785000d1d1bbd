/** @file What the accumulator explorer shows, all of it in the address. */

import { type CurveSettings, checkCurve, curveFields, defaultCurve } from '../../src/dataflow/curve.js';
import { choice, type Fields, type LinkReading, readLink, writeLink } from '../../src/dataflow/link.js';
import { ArgumentError } from '../../src/errors.js';
import { replaceParams } from '../route.js';

export const metrics = ['maxOverRms', 'maxRelative'] as const;
export type Metric = (typeof metrics)[number];

export interface ExplorerState extends CurveSettings {
  readonly metric: Metric;
}

const defaults: ExplorerState = { ...defaultCurve, metric: 'maxOverRms' };
const fields: Fields<ExplorerState> = { ...curveFields, metric: choice(metrics) };

export function readExplorerState(params: URLSearchParams): LinkReading<ExplorerState> {
  return readLink(fields, defaults, params, checkCurve);
}

export function showExplorerState(state: ExplorerState): void {
  replaceParams('accumulator', writeLink(fields, defaults, state));
}

/** Why a change cannot be made; undefined if it can. */
export function curveRefusal(state: ExplorerState): string | undefined {
  try {
    checkCurve(state);
    return undefined;
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return error.message;
  }
}

/** Only what changes the curves. */
export function curveKey(state: ExplorerState): string {
  return JSON.stringify(writeLink(curveFields, defaultCurve, state));
}
