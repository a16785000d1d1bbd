/** @file A number and who says so: what a view of the dataflow shows is never without its source. */

/**
 * - input: the data that were multiplied
 * - kernel: read from the GPU after a shader computed it
 * - oracle: computed on the CPU by the oracle of that step
 */
export type Source = 'input' | 'kernel' | 'oracle';

export interface Quoted {
  readonly value: number;
  readonly source: Source;
  /** What the oracle says where a kernel gave the value. */
  readonly oracle?: number;
}

export function fromInput(value: number): Quoted {
  return { value, source: 'input' };
}

export function fromOracle(value: number): Quoted {
  return { value, source: 'oracle' };
}

/** A kernel's number, and the oracle's to compare it with. */
export function fromKernel(value: number, oracle: number): Quoted {
  return { value, source: 'kernel', oracle };
}

/** Whether kernel and oracle give the same number, zeros with their signs; true where only one has spoken. */
export function agrees({ value, oracle }: Quoted): boolean {
  return oracle === undefined || Object.is(value, oracle);
}
