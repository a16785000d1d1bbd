/** @file What studies of quantisation quantise: activations and weights, synthetic or of a trained model's layers. */

import { multiplyInF64 } from '../arithmetic/f64-product.js';
import type { Context } from '../context.js';
import { encodeAll } from '../format/encode.js';
import { bf16 } from '../format/formats.js';
import { type Matrix, matrix, toFloat32 } from '../matrix.js';
import { spreadTokens } from '../model/encoder.js';
import { traceInF64 } from '../model/trace.js';
import type { QuantizeOptions } from '../quantize/quantize.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type Distribution, distributions, sample, streamSeed } from './data.js';
import type { Laboratory } from './study.js';

/** The operands of a linear layer: activations · weightsᵀ. */
export interface Subject {
  readonly name: string;
  /** Tokens × K, f32. */
  readonly activations: Matrix;
  /** Outputs × K, f32. */
  readonly weights: Matrix;
}

export interface SubjectShape {
  readonly tokens: number;
  readonly outputs: number;
  readonly k: number;
}

/** A layer of random values. */
export function syntheticSubject(
  distribution: Distribution,
  { tokens, outputs, k }: SubjectShape,
  seed: number,
): Subject {
  const stream = 2 * distributions.indexOf(distribution);
  return {
    name: distribution,
    activations: sample(distribution, 'activations', tokens, k, streamSeed(seed, stream)),
    weights: sample(distribution, 'weights', outputs, k, streamSeed(seed, stream + 1)),
  };
}

/** The layers of the sentence encoder that are studied: the one with most products, and one behind a norm. */
const studied = ['layer 0 feed-forward out', 'layer 1 value'];

/** Layers of the encoder with the activations of `tokens` tokens; none without an encoder. */
export async function layerSubjects(
  { encoder }: Laboratory,
  tokens: number,
  names: readonly string[] = studied,
): Promise<Subject[]> {
  if ('absent' in encoder) return [];
  const { layers } = await traceInF64(encoder, spreadTokens(encoder, tokens), () => {});
  return names
    .flatMap((name) => layers.filter(({ linear }) => linear.name === name))
    .map(({ linear, input }) => ({
      name: `encoder ${linear.name}`,
      activations: matrix(input.rows, input.cols, Float32Array.from(input.data)),
      weights: linear.weight,
    }));
}

/**
 * Measures synthetic subjects, then the encoder's layers.
 * @returns the subjects' names in their order, and all their rows
 */
export async function measureSubjects<Row>(
  laboratory: Laboratory,
  tokens: number,
  synthetic: readonly Subject[],
  measure: (subject: Subject) => Promise<Row[]>,
): Promise<{ names: string[]; rows: Row[] }> {
  const subjects = [...synthetic, ...(await layerSubjects(laboratory, tokens))];
  const rows: Row[] = [];
  for (const subject of subjects) rows.push(...(await measure(subject)));
  return { names: subjects.map(({ name }) => name), rows };
}

/** Lines of the setting about the encoder's layers. */
export function encoderSetting(
  { encoder }: Laboratory,
  tokens: number,
  names: readonly string[] = studied,
): (readonly [string, string])[] {
  return [
    [
      'trained layers',
      'absent' in encoder
        ? `none: ${encoder.absent}`
        : `${names.join(', ')} of the sentence encoder, ${tokens} tokens, its activations in f64 as reference`,
    ],
  ];
}

/** Quantises on the adapter and reads the codes back. */
export async function quantized(
  context: Context,
  source: Matrix,
  options: QuantizeOptions,
): Promise<QuantizedMatrix> {
  const onGpu = await context.quantize(source, options);
  try {
    return await onGpu.read();
  } finally {
    onGpu.dispose();
  }
}

/** A matrix rounded to bf16, whose range needs no scale: codes with the one scale 1. */
export function castToBf16(source: Matrix): QuantizedMatrix {
  const codes = encodeAll(bf16, toFloat32(source));
  return new QuantizedMatrix(source.rows, source.cols, bf16, 'tensor', codes, Float32Array.of(1));
}

/** activations · weightsᵀ in f64, of values in f64. */
export function product(
  { activations, weights }: Subject,
  values: { readonly activations: Float64Array; readonly weights: Float64Array },
): Float64Array {
  return multiplyInF64(values.activations, values.weights, activations.rows, weights.rows, activations.cols);
}

/** A matrix's values as doubles. */
export function doubles(source: Matrix): Float64Array {
  return Float64Array.from(toFloat32(source));
}
