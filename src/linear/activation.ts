/** @file Activations in f32, operation by operation: the oracles of shaders/linear/activation.wgsl. */

import { f32Array, multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';
import { ArgumentError } from '../errors.js';
import { type Matrix, matrix, toFloat32 } from '../matrix.js';
import { large, sigmoids } from './sigmoid.js';

/**
 * - relu: x above 0, else 0
 * - silu: x · σ(x)
 * - gelu: x · σ(√(8/π) · (x + 0.044715·x³)), the form with tanh
 */
export const activations = ['relu', 'silu', 'gelu'] as const;
export type Activation = (typeof activations)[number];

/** √(8/π), and that times 0.044715. */
const geluFirst = Math.fround(2 * Math.sqrt(2 / Math.PI));
const geluThird = Math.fround(2 * Math.sqrt(2 / Math.PI) * 0.044715);
/** Where the sigmoid of gelu has long been 0 or 1. */
const geluLarge = 16;

/** An activation of an f32. NaN stays NaN; -∞ gives -0, the limit, but 0 for relu. */
export function activated(activation: Activation, x: number): number {
  if (Number.isNaN(x)) return x;
  if (activation === 'relu') return x > 0 ? x : 0;
  if (x === -Infinity) return -0;
  if (activation === 'silu') return multiply(x, sigmoids(x).here);
  const u =
    Math.abs(x) < geluLarge ? multiply(x, fma(geluThird, multiply(x, x), geluFirst)) : Math.sign(x) * large;
  return multiply(x, sigmoids(u).here);
}

/** @throws ArgumentError naming `argument` if there is no such activation */
export function requireActivation(activation: Activation, argument = 'activation'): void {
  if (!activations.includes(activation))
    throw new ArgumentError(argument, activation, activations.join(', '));
}

/**
 * An activation of every element, in f32.
 * @throws ArgumentError if there is no such activation
 */
export function activate(source: Matrix, activation: Activation): Matrix {
  requireActivation(activation);
  const values = toFloat32(source);
  return matrix(source.rows, source.cols, f32Array(values.map((x) => activated(activation, x))));
}
