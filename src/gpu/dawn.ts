/** @file Dawn, the WebGPU implementation of Chrome, in Node: the npm package `webgpu`, loaded by need. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { SourceName } from './source.js';

/** What the package exports: `create` starts an instance, `globals` are WebGPU's classes and flags. */
export interface Dawn {
  create(flags: string[]): GPU;
  readonly globals: Record<string, unknown>;
}

const enabled = 'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia';

/**
 * Toggles for adapters that compute: subgroup matrices are an unsafe API in Dawn, f16 is off for NVIDIA under Vulkan
 * unless asked for, and timestamps are coarsened to 65 µs unless told otherwise.
 */
export const dawnFlags: readonly string[] = [enabled, 'disable-dawn-features=timestamp_quantization'];

/**
 * The same for SwiftShader, which compiles Vulkan's way to zero workgroup memory into an instruction for every element:
 * 24 KiB took it three seconds. Without that extension Dawn writes a loop.
 */
export const softwareFlags: readonly string[] = [
  enabled,
  'disable-dawn-features=timestamp_quantization,use_vulkan_zero_initialize_workgroup_memory_extension',
];

/** The flags under which an adapter of a source runs, as a record says them; a browser's are its user's matter. */
export function flagsOf(source: SourceName): readonly string[] {
  if (source === 'browser') return [];
  return source === 'software' ? softwareFlags : dawnFlags;
}

/** Loads the package, or says why it cannot be. */
export async function loadDawn(): Promise<Dawn | string> {
  try {
    return usable((await import('webgpu')) as unknown as Dawn);
  } catch (error) {
    return `the npm package webgpu could not be loaded (${firstLine(error)}): npm install webgpu`;
  }
}

/** Loads Dawn's native module from another file than the package's own. */
export function loadDawnFrom(file: string): Dawn {
  const module = { exports: {} as Dawn };
  process.dlopen(module, file);
  return usable(module.exports);
}

/** The package's native module for this platform. Throws where the package is not installed. */
export function dawnModulePath(): string {
  const root = dirname(createRequire(import.meta.url).resolve('webgpu/package.json'));
  const architecture = process.platform === 'darwin' ? 'universal' : process.arch;
  return join(root, 'dist', `${process.platform}-${architecture}`, 'dawn.node');
}

/** The package's version. */
export function dawnVersion(): string {
  return createRequire(import.meta.url)('webgpu/package.json').version;
}

/**
 * Instances by their module and flags. They are kept for good: Dawn crashes if an instance is collected as
 * garbage while a device that came from it is still being destroyed (webgpu 0.6.2). They do not keep Node from
 * ending.
 */
const instances = new Map<Dawn, Map<string, GPU>>();

interface AdapterRequest {
  /** Of the instance. */
  readonly flags: readonly string[];
  readonly options?: GPURequestAdapterOptions;
  /** Variables of the process to set while the request lasts. */
  readonly environment?: Readonly<Record<string, string>>;
}

let requested: Promise<unknown> = Promise.resolve();

/** Asks for an adapter, one request after the other: each sets variables of the process while it lasts. */
export function requestAdapter(dawn: Dawn, wanted: AdapterRequest): Promise<GPUAdapter | null> {
  const turn = requested.then(() => request(dawn, wanted));
  requested = turn.catch(() => undefined);
  return turn;
}

async function request(
  dawn: Dawn,
  { flags, options, environment = {} }: AdapterRequest,
): Promise<GPUAdapter | null> {
  // The Vulkan loader complains where XDG_RUNTIME_DIR is unset.
  const variables = { XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp', ...environment };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await dawnInstance(dawn, flags).requestAdapter(options);
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}

/** The instance of Dawn with these flags, for native adapters. */
function dawnInstance(dawn: Dawn, flags: readonly string[]): GPU {
  const byFlags = instances.get(dawn) ?? new Map<string, GPU>();
  instances.set(dawn, byFlags);
  const key = flags.join(' ');
  const instance = byFlags.get(key) ?? dawn.create([...flags]);
  byFlags.set(key, instance);
  return instance;
}

/** The first line of an error's message. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function usable(dawn: Dawn): Dawn {
  // GPUBufferUsage and its kin are globals in browsers; octile uses them as such everywhere.
  for (const [name, value] of Object.entries(dawn.globals))
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true });
  return dawn;
}
