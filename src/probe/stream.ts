/** @file Random numbers for experiments: the same on every machine, so that findings can be compared. */

import { randomWords } from '../verify/random.js';

export class Stream {
  #index = 0;

  constructor(readonly seed: number) {}

  /** 32 random bits. */
  word(): number {
    return randomWords(this.#index++, this.seed)[0] as number;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + (this.word() % (most - least + 1));
  }

  sign(): number {
    return this.word() >>> 31 === 0 ? 1 : -1;
  }

  /** From 1 to 2, with at most `fractionBits` fraction bits: often fewer, so that ties and exact results occur. */
  significand(fractionBits: number): number {
    const bits = this.whole(0, 2) === 0 ? this.whole(0, fractionBits) : fractionBits;
    return 1 + (this.word() % 2 ** bits) / 2 ** bits;
  }
}
