/**
 * @file What a report says, as plain data: computed in one place, rendered on the terminal, as a page and as
 * JSON in others. Lengths are counts of elements, times milliseconds, shares lie between 0 and 1.
 */

import type { FormatName } from '../format/formats.js';
import type { Scheme } from '../model/fp8-layer.js';
import type { CheckReport } from '../verify/verify.js';

export interface Report {
  /** octile's version. */
  readonly version: string;
  /** When the report was made: ISO 8601, UTC. */
  readonly created: string;
  readonly adapter: AdapterData;
  readonly host: HostData;
  readonly verification: readonly CheckReport[];
  readonly encoder: EncoderData | Absent;
  readonly benchmark: BenchmarkData;
  readonly milliseconds: Durations;
}

/** How long each part took. */
export interface Durations {
  readonly verification: number;
  /** 0 where it was left out. */
  readonly encoder: number;
  readonly benchmark: number;
  /** All of it, from reading the model on. */
  readonly total: number;
}

/** A part that was left out, and why. */
export interface Absent {
  readonly absent: string;
}

export interface AdapterData {
  readonly name: string;
  readonly kind: string;
  /** Where it came from: browser, node or software. */
  readonly source: string;
  /** Why this adapter and not a faster one. */
  readonly reason: string;
}

export interface HostData {
  readonly platform: string;
  readonly runtime: string;
  readonly processor: string;
  readonly cores: number;
}

/** The sentence encoder's layers, and what they show about scaling. */
export interface EncoderData {
  /** Where the weights were read. */
  readonly model: string;
  /** Sentences of one token, each a row of the embedding table. */
  readonly rows: number;
  readonly schemes: readonly Scheme[];
  readonly layers: readonly LayerData[];
  readonly embeddings: readonly EmbeddingData[];
  readonly outliers: OutlierData;
  readonly formats: FormatsData;
}

/** Size and spread of a matrix's values. */
export interface Statistics {
  /** The largest magnitude. */
  readonly amax: number;
  readonly rms: number;
  /** amax / rms. */
  readonly crest: number;
  /** Octaves (powers of two) between the matrix's amax and that of its median 1×128 tile. */
  readonly tileOctaves: number;
}

/** What became of the values that were not zero. */
export interface CodeShares {
  /** Became 0. */
  readonly flushed: number;
  /** Became subnormal, with fewer than the format's bits of precision. */
  readonly subnormal: number;
  /** Were cut to the largest code. */
  readonly saturated: number;
}

/** One linear layer: M × K activations, N × K weights. */
export interface LayerData {
  readonly name: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly activation: string;
  readonly input: Statistics;
  readonly weight: Statistics;
  /** In the order of the schemes. */
  readonly results: readonly LayerResult[];
}

/** One layer in FP8 under one scheme. */
export interface LayerResult {
  readonly scheme: string;
  /** The layer's output against the same layer in f64: quantisation and kernel together. */
  readonly output: Agreement;
  /** The kernel's product of the codes against the f64 product of the same codes: the kernel alone. */
  readonly kernel: KernelError;
  readonly input: CodeShares;
  readonly weight: CodeShares;
}

export interface Agreement {
  readonly calcDiff: number;
  /** In decibels. */
  readonly sqnr: number;
  readonly cosine: number;
}

export interface KernelError {
  /** How many rows of the product were compared. */
  readonly rows: number;
  /** The largest error over the RMS of the product. */
  readonly maxOverRms: number;
  /** In decibels; null for no error at all. */
  readonly sqnr: number | null;
}

/** The encoder from end to end, FP8 activations flowing from layer to layer. */
export interface EmbeddingData {
  readonly scheme: string;
  readonly meanCosine: number;
  readonly leastCosine: number;
  /** Share of tokens whose nearest other token is the same as in f64. */
  readonly sameNeighbor: number;
}

/** A layer whose input was given outliers of growing strength. */
export interface OutlierData {
  readonly layer: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** The channel (column of the activations) that holds them; its weights are 0. */
  readonly channel: number;
  /** Every how many tokens (rows) has one. */
  readonly every: number;
  /** In multiples of the input's RMS. */
  readonly strengths: readonly number[];
  /** Lines in the order of the schemes: SQNR in dB at each strength. */
  readonly lines: readonly { readonly scheme: string; readonly sqnr: readonly number[] }[];
}

/** One layer, untouched, in formats with fewer exponent bits. */
export interface FormatsData {
  readonly layer: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly formats: readonly FormatName[];
  /** In the order of the schemes: SQNR in dB for each format. */
  readonly lines: readonly { readonly scheme: string; readonly sqnr: readonly number[] }[];
}

export interface BenchmarkData {
  readonly suite: string;
  readonly records: readonly BenchmarkRecord[];
}

/** What the report shows of a benchmark's record. */
export type BenchmarkRecord = BenchmarkMeasurement | BenchmarkGap;

/** A case whose result was checked, found right, and timed. Durations of one run are in µs. */
export interface BenchmarkMeasurement {
  readonly status: 'measured';
  readonly name: string;
  readonly case: BenchmarkShape;
  readonly kernel: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly samples: number;
  readonly timing: 'timestamp' | 'wall';
  /** 10^12 operations a second at the median; null for what multiplies nothing. */
  readonly tflops: number | null;
  /** 10^9 bytes a second at the median, over the bytes that must move. */
  readonly gbps: number;
  /** Largest error over the RMS of the exact outputs that were checked; null where bits are compared. */
  readonly error: number | null;
}

/** A case without a time, and why. */
export interface BenchmarkGap {
  readonly status: 'failed' | 'skipped';
  readonly name: string;
  readonly kernel: string;
  readonly reason: string;
}

/** The shape of a product; other kinds of cases have none. */
export interface BenchmarkShape {
  readonly kind: string;
  readonly m?: number;
  readonly n?: number;
  readonly k?: number;
}
