/**
 * @file Settings as the query of a link, field by field. What cannot be read keeps its default and gives a message,
 * so that an old or mistyped link still shows something.
 */

import { ArgumentError } from '../errors.js';

/** How one setting is written, and read back. */
export interface Field<T> {
  /** @throws ArgumentError naming the setting */
  parse(text: string, name: string): T;
  write(value: T): string;
}

export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

/** One of a list of names. */
export function choice<T extends string>(allowed: readonly T[]): Field<T> {
  return {
    parse(text, name) {
      const found = allowed.find((one) => one === text);
      if (found === undefined) throw new ArgumentError(name, text, allowed.join(', '));
      return found;
    },
    write: (value) => value,
  };
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): Field<number> {
  return {
    parse(text, name) {
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < least || value > most)
        throw new ArgumentError(name, text, `a whole number from ${least} to ${most}`);
      return value;
    },
    write: String,
  };
}

/** Yes or no. */
export const toggle: Field<boolean> = {
  parse(text, name) {
    if (text !== '1' && text !== '0') throw new ArgumentError(name, text, '1 (yes) or 0 (no)');
    return text === '1';
  },
  write: (value) => (value ? '1' : '0'),
};

/** What another field reads, or the word `none`. */
export function orNone<T>(field: Field<T>): Field<T | 'none'> {
  return {
    parse: (text, name) => (text === 'none' ? 'none' : field.parse(text, name)),
    write: (value) => (value === 'none' ? 'none' : field.write(value)),
  };
}

/** Any text. */
export const text: Field<string> = { parse: (value) => value, write: (value) => value };

export interface LinkReading<T> {
  readonly settings: T;
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Reads settings out of a link's query.
 * @param check throws ArgumentError for settings that do not fit together: then all are the defaults
 */
export function readLink<T extends object>(
  fields: Fields<T>,
  defaults: T,
  params: URLSearchParams,
  check: (settings: T) => void = () => {},
): LinkReading<T> {
  const settings = { ...defaults };
  const problems: string[] = [];
  const read = <K extends keyof T & string>(name: K, value: string) => {
    try {
      settings[name] = fields[name].parse(value, name);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      problems.push(error.message);
    }
  };
  for (const [name, value] of params)
    if (Object.hasOwn(fields, name)) read(name as keyof T & string, value);
    else problems.push(`${name} is no setting; there are: ${Object.keys(fields).join(', ')}`);
  try {
    check(settings);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return { settings: defaults, problems: [...problems, error.message] };
  }
  return { settings, problems };
}

/** The query that says how settings differ from the defaults. */
export function writeLink<T extends object>(
  fields: Fields<T>,
  defaults: T,
  settings: T,
): Record<string, string> {
  const query: Record<string, string> = {};
  for (const name of Object.keys(fields) as (keyof T & string)[])
    if (settings[name] !== defaults[name]) query[name] = fields[name].write(settings[name]);
  return query;
}
