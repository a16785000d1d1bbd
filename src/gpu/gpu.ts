/**
 * @file An open device: buffers, pipelines and dispatches, with errors as named types. Everything that runs on
 * a GPU goes through here.
 */

import {
  DeviceLostError,
  DisposedError,
  OctileError,
  OutOfMemoryError,
  ShaderError,
  UnsupportedError,
} from '../errors.js';
import type { ChosenAdapter } from './choose.js';
import { type GpuOptions, requestDevice } from './device.js';
import { type Dispatch, type Prepared, type PreparedDispatch, record, submissions } from './dispatch.js';
import { type Machine, machineOf } from './machine.js';
import { Pipelines } from './pipelines.js';
import type { Shader } from './shader.js';

export type { GpuOptions } from './device.js';
export * from './dispatch.js';

export class Gpu {
  readonly #pipelines: Pipelines;
  #lost: string | undefined;
  #disposed = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** What kernels depend on. */
  readonly machine: Machine;

  private constructor(
    readonly adapter: ChosenAdapter,
    readonly device: GPUDevice,
  ) {
    this.machine = machineOf(device, adapter.adapter.info);
    this.#pipelines = new Pipelines(device, adapter.name, (doing) => this.#requireAlive(doing));
    device.lost.then(({ message }) => {
      this.#lost = message || 'no reason given';
    });
  }

  /**
   * Opens a device on an adapter.
   * @throws UnsupportedError if the adapter refuses
   */
  static async open(adapter: ChosenAdapter, options: GpuOptions = {}): Promise<Gpu> {
    return new Gpu(adapter, await requestDevice(adapter, options));
  }

  hasFeature(name: string): boolean {
    return this.device.features.has(name);
  }

  /**
   * A storage buffer, zeroed.
   * @param byteLength rounded up to a multiple of 16
   * @throws UnsupportedError if it is larger than the device allows
   */
  buffer(label: string, byteLength: number): GPUBuffer {
    this.#requireAlive();
    const size = Math.max(16, Math.ceil(byteLength / 16) * 16);
    this.requireFits(label, size);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.device.createBuffer({ label, size, usage });
  }

  /** Bytes of the largest storage buffer that the device allows. */
  get largestBuffer(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** @throws UnsupportedError if the device allows no storage buffer of so many bytes */
  requireFits(label: string, byteLength: number): void {
    if (byteLength > this.largestBuffer)
      throw new UnsupportedError(
        `${label} needs ${byteLength} bytes in one buffer; ${this.adapter.name} allows ${this.largestBuffer}. ` +
          'Split the matrix by rows and run the parts one after another.',
      );
  }

  /**
   * Makes buffers, all of them or none.
   * @param make what makes each, by buffer() or upload()
   * @throws OutOfMemoryError, or what `make` throws
   */
  async allocate(label: string, make: readonly (() => GPUBuffer)[]): Promise<GPUBuffer[]> {
    const buffers: GPUBuffer[] = [];
    try {
      await this.guard(label, async () => {
        for (const one of make) buffers.push(one());
      });
      return buffers;
    } catch (error) {
      for (const buffer of buffers) buffer.destroy();
      throw error;
    }
  }

  /** A storage buffer that holds `data`. */
  upload(label: string, data: ArrayBufferView): GPUBuffer {
    const buffer = this.buffer(label, data.byteLength);
    this.write(buffer, data);
    return buffer;
  }

  /** Copies `data` to the start of a buffer; lengths that are no multiple of 4 are padded with zeros. */
  write(buffer: GPUBuffer, data: ArrayBufferView): void {
    this.#requireAlive();
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    const whole = bytes.byteLength - (bytes.byteLength % 4);
    this.device.queue.writeBuffer(buffer, 0, bytes, 0, whole);
    if (whole < bytes.byteLength) {
      const rest = new Uint8Array(4);
      rest.set(bytes.subarray(whole));
      this.device.queue.writeBuffer(buffer, whole, rest);
    }
  }

  /** Copies the first bytes of a buffer into another, from byte `at` on, after everything submitted before. */
  copy(from: GPUBuffer, to: GPUBuffer, byteLength: number, at = 0): void {
    this.#requireAlive();
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, at, byteLength);
    this.device.queue.submit([encoder.finish()]);
  }

  /** `byteLength` bytes of a buffer from `offset` on, once everything submitted before is done. */
  async read(buffer: GPUBuffer, byteLength = buffer.size, offset = 0): Promise<ArrayBuffer> {
    this.#requireAlive();
    const size = Math.ceil(byteLength / 4) * 4;
    return this.guard(`reading ${buffer.label}`, async () => {
      const staging = this.device.createBuffer({
        label: `${buffer.label} (read)`,
        size,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      try {
        const encoder = this.device.createCommandEncoder();
        encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
        this.device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        return staging.getMappedRange().slice(0, byteLength);
      } finally {
        staging.destroy();
      }
    });
  }

  /** The pipeline of a shader, compiled once per device. */
  pipeline(shader: Shader): Promise<GPUComputePipeline> {
    return this.#pipelines.of(shader);
  }

  /** Compiles the dispatches' shaders in parallel and binds their buffers. */
  async prepare(dispatches: readonly Dispatch[]): Promise<Prepared> {
    this.#requireAlive();
    const pipelines = await Promise.all(dispatches.map(({ shader }) => this.pipeline(shader)));
    const uniforms: GPUBuffer[] = [];
    const prepared = dispatches.map(({ shader, buffers, params, workgroups, operations = 0 }, i) => {
      const entries: GPUBindGroupEntry[] = buffers.flatMap((buffer, n) =>
        buffer ? [{ binding: n + 1, resource: { buffer } }] : [],
      );
      if (params) {
        const uniform = this.#uniform(`${shader.label} params`, params);
        uniforms.push(uniform);
        entries.push({ binding: 0, resource: { buffer: uniform } });
      }
      const pipeline = pipelines[i] as GPUComputePipeline;
      const layout = pipeline.getBindGroupLayout(0);
      const bindings = this.device.createBindGroup({ label: shader.label, layout, entries });
      return { pipeline, bindings, workgroups, operations };
    });
    return {
      dispatches: prepared,
      destroy() {
        for (const uniform of uniforms) uniform.destroy();
      },
    };
  }

  /**
   * Runs dispatches in their order and waits until the device has accepted them (not until they are done).
   * @throws OutOfMemoryError, ShaderError, DeviceLostError or DisposedError
   */
  async run(label: string, dispatches: readonly Dispatch[]): Promise<void> {
    await this.guard(label, async () => {
      const prepared = await this.prepare(dispatches);
      try {
        this.submit(prepared.dispatches);
      } finally {
        prepared.destroy();
      }
    });
  }

  /** Records and submits dispatches, as many together as stay under the limit of one submission. */
  submit(dispatches: readonly PreparedDispatch[]): void {
    for (const group of submissions(dispatches)) {
      const encoder = this.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const dispatch of group) record(pass, dispatch);
      pass.end();
      this.device.queue.submit([encoder.finish()]);
    }
  }

  /**
   * Runs `work`; what the device reports meanwhile becomes an error of a named type. One guarded piece of work
   * runs at a time, because a device's error scopes are one stack: do not nest.
   */
  guard<T>(label: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#guarded(label, work));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #guarded<T>(label: string, work: () => Promise<T>): Promise<T> {
    this.#requireAlive();
    const { device } = this;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('internal');
    device.pushErrorScope('validation');
    let result: T | undefined;
    let thrown: unknown;
    try {
      result = await work();
    } catch (error) {
      thrown = error ?? new Error(`${label} failed`);
    }
    const scopes = await Promise.all([
      device.popErrorScope(),
      device.popErrorScope(),
      device.popErrorScope(),
    ]).catch(() => undefined);
    // A lost device may fail calls before it says that it is lost.
    const foreign = thrown !== undefined && !(thrown instanceof OctileError);
    if (scopes === undefined || foreign) await this.#awaitLoss();
    this.#requireAlive(label);
    const [validation, internal, memory] = scopes ?? [null, null, null];
    if (memory)
      throw new OutOfMemoryError(
        `${this.adapter.name} ran out of memory while ${label}: ${memory.message}. Dispose of arrays that are no longer needed, or split the matrix by rows.`,
      );
    if (thrown !== undefined && !(foreign && validation)) throw thrown;
    if (validation) throw new ShaderError(`${label}: ${validation.message}`);
    if (internal) throw new ShaderError(`${label}: ${internal.message}`);
    return result as T;
  }

  /** Waits until everything submitted is done. */
  async idle(): Promise<void> {
    this.#requireAlive();
    await this.device.queue.onSubmittedWorkDone();
    this.#requireAlive();
  }

  /** Ends the device and every buffer on it. Safe to call twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.device.destroy();
  }

  /** Gives a loss that is under way a moment to be noticed. */
  async #awaitLoss(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const moment = new Promise((resolve) => {
      timer = setTimeout(resolve, 100);
    });
    await Promise.race([this.device.lost, moment]);
    clearTimeout(timer);
  }

  #requireAlive(label?: string): void {
    if (this.#disposed)
      throw new DisposedError(
        `the context on ${this.adapter.name} has been disposed of; open() gives another`,
      );
    if (this.#lost !== undefined)
      throw new DeviceLostError(
        `the device ${this.adapter.name} was lost${label ? ` while ${label}` : ''}: ${this.#lost}. ` +
          'Its arrays are gone; open() gives a new context.',
      );
  }

  #uniform(label: string, words: readonly number[]): GPUBuffer {
    const size = Math.ceil(words.length / 4) * 16;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer({ label, size, usage });
    this.device.queue.writeBuffer(buffer, 0, Uint32Array.from(words));
    return buffer;
  }
}
