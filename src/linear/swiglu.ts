/**
 * @file SwiGLU, h = silu(gate) · up, and its gradients, in f32, operation by operation: the oracles of the shaders
 * source-swiglu.wgsl and source-swiglu-gradient.wgsl. (Shazeer, "GLU Variants Improve Transformer", 2020.)
 */

import { f32Array, multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';
import { ArgumentError } from '../errors.js';
import { type Matrix, matrix, toFloat32 } from '../matrix.js';
import { activated } from './activation.js';
import { large, sigmoids } from './sigmoid.js';

/** The gradients of a loss with respect to the inputs of SwiGLU. */
export interface SwigluGradients<M = Matrix> {
  readonly gate: M;
  readonly up: M;
}

/**
 * r(silu(gate) · up), element by element.
 * @throws ArgumentError if the shapes differ
 */
export function swiglu(gate: Matrix, up: Matrix): Matrix {
  return elementwise([gate, up], ([g, u]) => multiply(activated('silu', g), u));
}

/**
 * With dh the gradient with respect to h: r(r(dh · up) · silu'(gate)) for gate, r(dh · silu(gate)) for up.
 * @throws ArgumentError if the shapes differ
 */
export function swigluGradients(gate: Matrix, up: Matrix, dh: Matrix): SwigluGradients {
  return {
    gate: elementwise([gate, up, dh], ([g, u, d]) => multiply(multiply(d, u), siluSlope(g))),
    up: elementwise([gate, up, dh], ([g, , d]) => multiply(d, activated('silu', g))),
  };
}

/** silu'(g) = σ(g) · (1 + g · σ(-g)); exactly 1 or 0 where the sigmoid is. */
function siluSlope(g: number): number {
  if (Number.isNaN(g)) return g;
  if (Math.abs(g) >= large) return g > 0 ? 1 : 0;
  const { here, opposite } = sigmoids(g);
  return multiply(here, fma(g, opposite, 1));
}

type Elements = [number, number, number];

function elementwise(sources: readonly Matrix[], each: (elements: Elements) => number): Matrix {
  const [{ rows, cols }] = sources as [Matrix];
  for (const [i, source] of sources.entries())
    if (source.rows !== rows || source.cols !== cols)
      throw new ArgumentError(
        ['gate', 'up', 'dh'][i] as string,
        `${source.rows}x${source.cols}`,
        `a matrix of gate's shape, ${rows}x${cols}`,
      );
  const [first, second, third] = sources.map(toFloat32) as [Float32Array, Float32Array, Float32Array?];
  const values = first.map((x, i) => each([x, second[i] as number, third?.[i] ?? 0]));
  return matrix(rows, cols, f32Array(values));
}
