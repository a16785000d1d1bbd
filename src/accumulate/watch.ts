/** @file Eyes on an oracle at work: what it computes on its way, for whoever wants to show it. */

/** Sees a fused step from inside, in the order in which it happens. Steps without a loss align nothing. */
export interface StepWatch {
  /** The largest exponent among the nonzero terms is known. Terms are cut off to multiples of `unit`. */
  aligned(largest: number, unit: number): void;
  /** What is left of the sum so far, in units. */
  keptSum(units: number): void;
  /** What is left of a product, in units. */
  keptProduct(index: number, units: number): void;
  /** Everything left is added up: whole units, before the result is rounded. */
  summed(units: number): void;
  /** That sum, rounded to the profile's output bits; where c is added afterwards, before it is. */
  rounded(sum: number): void;
}

/** A partial sum on its way into the f32 accumulator. */
export interface PromotionEvent {
  /** The interval: `count` elements from element `start` of K on. */
  readonly start: number;
  readonly count: number;
  readonly partial: number;
  readonly scaleA: number;
  readonly scaleB: number;
  /** What is rounded first: r(scaleA · scaleB), or in Transformer Engine's order r(partial · scaleA). */
  readonly rounded: number;
  readonly before: number;
  readonly after: number;
}

/** Sees a whole dot product. */
export interface AccumulationWatch extends StepWatch {
  /** A step of `count` products begins `start` products after the interval's first, with the sum so far. */
  begins(start: number, count: number, sum: number): void;
  /** The step's result. */
  ends(sum: number): void;
  /** The interval ends: what `begins` and `ends` were told since the last one belongs to it. */
  promoted(event: PromotionEvent): void;
}
