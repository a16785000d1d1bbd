/** @file What the dataflow view shows, all of it in the address: settings, the output, the element, the stage. */

import {
  choice,
  type Fields,
  type LinkReading,
  readLink,
  whole,
  writeLink,
} from '../../src/dataflow/link.js';
import {
  checkSettings,
  type DataflowSettings,
  defaultSettings,
  largestDataflow,
  settingFields,
} from '../../src/dataflow/settings.js';
import { ArgumentError } from '../../src/errors.js';
import { type Dtype, dtypes } from '../../src/matrix.js';
import { replaceParams } from '../route.js';
import { type StageId, stages } from './stages.js';

export const viewId = 'dataflow';

export interface ViewState extends DataflowSettings {
  /** The output that is looked at. */
  readonly row: number;
  readonly col: number;
  /** The element of K that is looked at. */
  readonly at: number;
  readonly stage: StageId;
  /** The product whose traffic is counted. */
  readonly trafficM: number;
  readonly trafficN: number;
  readonly trafficK: number;
  readonly aType: Dtype;
}

const defaults: ViewState = {
  ...defaultSettings,
  row: 0,
  col: 0,
  at: 0,
  stage: 'values',
  trafficM: 4096,
  trafficN: 7168,
  trafficK: 2048,
  aType: 'bf16',
};

/** The largest side of a product whose traffic is counted. */
export const largestTraffic = 2 ** 20;

export const viewFields: Fields<ViewState> = {
  ...settingFields,
  row: whole(0, largestDataflow.rows - 1),
  col: whole(0, largestDataflow.rows - 1),
  at: whole(0, largestDataflow.k - 1),
  stage: choice(stages.map(({ id }) => id)),
  trafficM: whole(1, largestTraffic),
  trafficN: whole(1, largestTraffic),
  trafficK: whole(1, largestTraffic),
  aType: choice(dtypes),
};

/** What an address says. */
export function readState(params: URLSearchParams): LinkReading<ViewState> {
  return readLink(viewFields, defaults, params, (state) => {
    checkSettings(state);
    for (const [name, limit] of [
      ['row', state.m],
      ['col', state.n],
      ['at', state.k],
    ] as const)
      if (state[name] >= limit) throw new ArgumentError(name, state[name], `0 to ${limit - 1}`);
  });
}

/** Why a change cannot be made; undefined if it can. */
export function refusal(state: ViewState): string | undefined {
  try {
    checkSettings(state);
    return undefined;
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return error.message;
  }
}

/** Shows another state; what is looked at stays inside the matrices. */
export function showState(state: ViewState): void {
  const inside = {
    ...state,
    row: Math.min(state.row, state.m - 1),
    col: Math.min(state.col, state.n - 1),
    at: Math.min(state.at, state.k - 1),
  };
  replaceParams(viewId, writeLink(viewFields, defaults, inside));
}

/** Only what changes the numbers: a key for running anew. */
export function settingsKey(state: ViewState): string {
  return JSON.stringify(writeLink(settingFields, defaultSettings, state));
}
