/** @file A device's pipelines: each shader compiled once, and what the compiler says where it refuses one. */

import { ShaderError } from '../errors.js';
import { link, type Shader } from './shader.js';

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #adapterName: string;
  readonly #requireAlive: (doing: string) => void;
  readonly #made = new Map<string, Promise<GPUComputePipeline>>();

  /** @param requireAlive throws what ended the device, if it has ended: then no shader is at fault */
  constructor(device: GPUDevice, adapterName: string, requireAlive: (doing: string) => void) {
    this.#device = device;
    this.#adapterName = adapterName;
    this.#requireAlive = requireAlive;
  }

  of(shader: Shader): Promise<GPUComputePipeline> {
    const code = link(shader);
    let pipeline = this.#made.get(code);
    if (!pipeline) {
      pipeline = this.#compile(shader.label, code);
      this.#made.set(code, pipeline);
      // What failed for a passing reason may be tried again.
      pipeline.catch(() => this.#made.delete(code));
    }
    return pipeline;
  }

  async #compile(label: string, code: string): Promise<GPUComputePipeline> {
    const module = this.#device.createShaderModule({ label, code });
    try {
      return await this.#device.createComputePipelineAsync({
        label,
        layout: 'auto',
        compute: { module, entryPoint: 'main' },
      });
    } catch (error) {
      this.#requireAlive(`compiling ${label}`);
      const { messages } = await module.getCompilationInfo();
      const lines = code.split('\n');
      const faults = messages
        .filter(({ type }) => type === 'error')
        .map(
          ({ lineNum, linePos, message }) =>
            `\n  ${lineNum}:${linePos} ${message}\n    ${lines[lineNum - 1]}`,
        );
      const detail = faults.length > 0 ? faults.join('') : error instanceof Error ? error.message : error;
      throw new ShaderError(`the shader ${label} did not compile on ${this.#adapterName}: ${detail}`);
    }
  }
}
