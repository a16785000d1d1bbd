/** @file Parsed JSON that anybody may have written: every part is checked before it is used. */

import { FileError } from './errors.js';

/** More than any list that octile writes has, and little enough to show. */
const mostEntries = 2000;
const longestText = 2000;

/** What the path of the whole document is called. */
const whole = 'the file';

/**
 * What to say of a text that is no JSON. Of a picture, say, engines quote bytes that nobody can read; those are left
 * out.
 */
export function notJson(source: string, error: unknown): FileError {
  const told = error instanceof Error ? error.message : String(error);
  return new FileError(
    /[\p{Cc}\uFFFD]/u.test(told) ? `${source} is no JSON` : `${source} is no JSON: ${told}`,
  );
}

/**
 * A part of a document, and the way to it. Every method throws a FileError that names the part, if it is not of its
 * kind.
 */
export class JsonPart {
  constructor(
    readonly value: unknown,
    readonly path = whole,
  ) {}

  at(name: string): JsonPart {
    const { value, path } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new FileError(`${path} is not an object`);
    const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new JsonPart(own, path === whole ? name : `${path}.${name}`);
  }

  record(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null)
      throw new FileError(`${this.path} is not an object`);
    return this.value as Record<string, unknown>;
  }

  text(): string {
    const { value, path } = this;
    if (typeof value !== 'string' || value.length > longestText) throw new FileError(`${path} is not a text`);
    return value;
  }

  oneOf<T extends string>(allowed: readonly T[]): T {
    const found = allowed.find((name) => name === this.value);
    if (found === undefined)
      throw new FileError(`${this.path} is ${JSON.stringify(this.value)}; allowed: ${allowed.join(', ')}`);
    return found;
  }

  number(): number {
    const { value, path } = this;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw new FileError(`${path} is ${JSON.stringify(value)}, not a number of at least 0`);
    return value;
  }

  size(): number {
    const value = this.number();
    if (!Number.isSafeInteger(value) || value < 1)
      throw new FileError(`${this.path} is ${value}, not a size`);
    return value;
  }

  date(): string {
    const text = this.text();
    if (Number.isNaN(Date.parse(text))) throw new FileError(`${this.path} is "${text}", not a date`);
    return text;
  }

  list<T>(read: (part: JsonPart) => T): T[] {
    const { value, path } = this;
    if (!Array.isArray(value)) throw new FileError(`${path} is not a list`);
    if (value.length > mostEntries)
      throw new FileError(`${path} has ${value.length} entries; at most ${mostEntries} are read`);
    return value.map((entry, index) => read(new JsonPart(entry, `${path}[${index}]`)));
  }
}
