/**
 * @file The errors octile throws. Each is a named type, so that a caller can tell what to do about it, and
 * each message says what was given, what is allowed, or what to try next.
 */

/** The root of every error that octile throws on purpose. */
export class OctileError extends Error {
  override readonly name: string = 'OctileError';
}

/** An argument is wrong. Thrown before anything is allocated. */
export class ArgumentError extends OctileError {
  override readonly name = 'ArgumentError';
  /**
   * @param argument the argument's name, as the caller wrote it
   * @param value what was given
   * @param allowed what is allowed, as the end of a sentence
   */
  constructor(
    readonly argument: string,
    readonly value: unknown,
    readonly allowed: string,
  ) {
    super(`${argument} is ${show(value)}; allowed: ${allowed}`);
  }
}

/** No adapter could be opened. The message lists what was tried and what would help. */
export class AdapterError extends OctileError {
  override readonly name = 'AdapterError';
}

/** The adapter lacks a feature, or one of its limits is too small for what was asked. */
export class UnsupportedError extends OctileError {
  override readonly name = 'UnsupportedError';
}

/** A matrix, a routing or a context is used after its dispose(). */
export class DisposedError extends OctileError {
  override readonly name = 'DisposedError';
}

/** The device went away: driver reset, or GPU removed. */
export class DeviceLostError extends OctileError {
  override readonly name = 'DeviceLostError';
}

/** The device had no memory left for a buffer. */
export class OutOfMemoryError extends OctileError {
  override readonly name = 'OutOfMemoryError';
}

/** A shader did not compile or a pipeline was refused: a defect in octile or in the driver. */
export class ShaderError extends OctileError {
  override readonly name = 'ShaderError';
}

/** A file cannot be read or does not hold what is expected. */
export class FileError extends OctileError {
  override readonly name = 'FileError';
}

/** Whether an error says that no further work on the same device can succeed. */
export function endsDevice(error: unknown): boolean {
  return error instanceof DeviceLostError || error instanceof DisposedError;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (ArrayBuffer.isView(value) && 'length' in value) return `${value.constructor.name} of ${value.length}`;
  if (typeof value === 'object' && value !== null) return value.constructor?.name ?? 'an object';
  return String(value);
}

/**
 * Throws unless `options` is an object that has no other keys than `allowed`: a misspelt option would be passed by
 * in silence.
 * @throws ArgumentError naming the key
 */
export function requireOptions<T extends object>(
  argument: string,
  options: T,
  allowed: Readonly<Record<keyof T, true>>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ArgumentError(argument, options, 'an object of options');
  for (const [key, value] of Object.entries(options))
    if (!Object.hasOwn(allowed, key))
      throw new ArgumentError(`${argument}.${key}`, value, `the options ${Object.keys(allowed).join(', ')}`);
}

/** Throws unless `value` is a whole number of at least `least` (1 unless told otherwise). */
export function requireCount(argument: string, value: number, least = 1): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new ArgumentError(argument, value, `a whole number of at least ${least}`);
}
