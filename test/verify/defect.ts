/** @file A GPU with a defect: shaders altered on their way to the compiler, to see whether a check finds it. */

import { expect, vi } from 'vitest';
import type { Gpu } from '../../src/gpu/gpu.js';
import type { Shader } from '../../src/gpu/shader.js';

/** Does `work` while the GPU compiles `alter`'s shaders; at least one must come out altered. */
export async function withDefect<T>(
  gpu: Gpu,
  alter: (shader: Shader) => Shader,
  work: () => Promise<T>,
): Promise<T> {
  const compile = gpu.pipeline.bind(gpu);
  let altered = false;
  const spy = vi.spyOn(gpu, 'pipeline').mockImplementation((shader) => {
    const defective = alter(shader);
    altered ||= JSON.stringify(defective) !== JSON.stringify(shader);
    return compile(defective);
  });
  try {
    const result = await work();
    expect(altered, 'the defect was planted').toBe(true);
    return result;
  } finally {
    spy.mockRestore();
  }
}

/** A shader with a piece of its text replaced, wherever it stands. */
export function replaced(from: string, to: string): (shader: Shader) => Shader {
  return (shader) => ({ ...shader, files: shader.files.map((text) => text.replace(from, () => to)) });
}
