/** @file What a check is: something computed on a GPU and held against the oracle on the CPU. */

import type { Gpu } from '../gpu/gpu.js';

/** What a check found. */
export interface Outcome {
  /** Results compared. */
  readonly checked: number;
  /** Results that differ, or lie outside the bound. */
  readonly mismatches: number;
  /** The first mismatch in words; what was covered, if there is none. */
  readonly detail: string;
}

export interface Check {
  readonly name: string;
  /** Steps of about equal work, each of which calls `tick` once. */
  readonly steps: number;
  /** Why this adapter cannot run it, undefined if it can. */
  skip?(gpu: Gpu): string | undefined;
  run(gpu: Gpu, tick: () => void): Promise<Outcome>;
}

/** Counts comparisons and keeps the first mismatch. */
export class Tally {
  #checked = 0;
  #mismatches = 0;
  #first: string | undefined;

  /**
   * Counts one comparison.
   * @param describe the mismatch in words; called for the first one alone
   */
  count(equal: boolean, describe: () => string): void {
    this.#checked++;
    if (equal) return;
    this.#mismatches++;
    this.#first ??= describe();
  }

  /**
   * Counts a comparison for each word.
   * @param describe the mismatch of the word at an index
   */
  countAll(actual: Uint32Array, wanted: Uint32Array, describe: (index: number) => string): void {
    this.#checked += wanted.length;
    for (let i = 0; i < wanted.length; i++)
      if (actual[i] !== wanted[i]) {
        this.#mismatches++;
        this.#first ??= describe(i);
      }
  }

  /** @param covered what was compared, for a reader who wonders what "no mismatch" means */
  outcome(covered: string): Outcome {
    return {
      checked: this.#checked,
      mismatches: this.#mismatches,
      detail: this.#first === undefined ? covered : `first: ${this.#first}`,
    };
  }
}

/** Bits or a code as a hexadecimal literal. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
