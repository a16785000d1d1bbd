/** @file What a terminal is told: results on stdout, everything about them on stderr, colours where welcome. */

import { fstatSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { WriteStream } from 'node:tty';
import pc from 'picocolors';
import { FileError } from '../errors.js';

type Colors = ReturnType<typeof pc.createColors>;

/** The option that each command with a result has. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Colours for stdout: none where NO_COLOR is set or stdout is no terminal, unless FORCE_COLOR is set. */
export function colors(): Colors {
  return pc.createColors(colorful(process.stdout));
}

/** Colours for stderr, likewise. */
export function errorColors(): Colors {
  return pc.createColors(colorful(process.stderr));
}

/** What is thrown where stdout takes no more. */
export function outputError(cause: unknown): FileError {
  return new FileError(`the output is incomplete: ${cause instanceof Error ? cause.message : cause}`, {
    cause,
  });
}

/**
 * Prints a command's result: with --json one JSON document, otherwise its text. Nothing else goes to stdout.
 * @throws FileError if stdout is a file and takes no more
 */
export function printResult(options: JsonOption, result: object, text: () => string): void {
  const output = `${options.json ? JSON.stringify(result, undefined, 2) : text()}\n`;
  // A stream takes a file's first part for the whole where the disk fills up on the way.
  if (!toFile()) process.stdout.write(output);
  else
    try {
      writeFileSync(process.stdout.fd, output);
    } catch (error) {
      throw outputError(error);
    }
}

/** Prints a line about what is done to stderr. */
export function printAside(line: string): void {
  process.stderr.write(`${errorColors().dim(line)}\n`);
}

/** Remarks on the inputs: each is printed as it is made, and all are part of the result. */
export function collectNotes(): { notes: readonly string[]; note: (text: string) => void } {
  const notes: string[] = [];
  return {
    notes,
    note(text) {
      notes.push(text);
      printAside(`note: ${text}`);
    },
  };
}

function toFile(): boolean {
  try {
    return fstatSync(process.stdout.fd).isFile();
  } catch {
    return false;
  }
}

function colorful(stream: WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  return FORCE_COLOR !== undefined || Boolean(stream.isTTY && stream.hasColors());
}
